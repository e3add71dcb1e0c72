package io.kvlane.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.ringbuffer.Ringbuffer;
import io.kvlane.agent.event.Payloads;
import io.kvlane.agent.publish.RegionClient;
import io.kvlane.agent.source.EventFeed;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A whole agent between a fake engine (HTTP, ZeroMQ) and an embedded member of Hazelcast. */
class AgentIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BLOCK = 4;

  private final Vertx vertx = Vertx.vertx();
  private final ZContext zmq = new ZContext();
  private final String cluster = "agent-it-" + System.nanoTime();
  private HazelcastInstance member;
  private HazelcastInstance client;
  private HttpServer engine;
  private ZMQ.Socket publisher;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    member = member(0);
    engine =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request
                        .response()
                        .end(
                            switch (request.path()) {
                              case "/v1/models" -> "{\"data\":[{\"id\":\"m\"}]}";
                              case "/metrics" ->
                                  "vllm:cache_config_info{block_size=\"4\","
                                      + "num_gpu_blocks=\"100\"} 1.0\n"
                                      + "vllm:num_requests_running{engine=\"0\"} 3.0\n";
                              default -> "ok";
                            }))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    client = RegionClient.start(cluster, List.of("127.0.0.1:" + port()));
    URI url = URI.create("http://127.0.0.1:" + engine.actualPort());
    agent =
        new Agent(
            new AgentSettings(
                "r1",
                url,
                url,
                List.of(new EventFeed.Settings("tcp://127.0.0.1:*", true, null, null)),
                null,
                0,
                0),
            client,
            vertx,
            InstantSource.system(),
            System::nanoTime);
    publisher = zmq.createSocket(SocketType.PUB);
    publisher.connect(agent.eventsEndpoints().getFirst());
    assertThat(agent.awaitReady(30_000)).isTrue();
    await().atMost(LIMIT).until(() -> state().path("blockSize").asInt() == BLOCK);
    // A subscription needs a moment: publish what changes nothing until it has arrived.
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              publish(0, List.of("Hello"));
              return agent.metrics().count("kvlane.agent.problems", "reason", "unknown_event") > 0;
            });
  }

  @AfterEach
  void stop() throws Exception {
    agent.close();
    client.shutdown();
    member.shutdown();
    zmq.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private int port() {
    return member.getCluster().getLocalMember().getAddress().getPort();
  }

  private HazelcastInstance member(int port) {
    Config config = new Config().setClusterName(cluster);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.getNetworkConfig().setPort(port == 0 ? 15_701 : port).setPortCount(200);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    config
        .getRingbufferConfig("kvlane-deltas-*")
        .setCapacity(1_000)
        .setInMemoryFormat(InMemoryFormat.BINARY);
    return Hazelcast.newHazelcastInstance(config);
  }

  private void publish(long sequence, Object... events) {
    publisher.sendMore("kv");
    publisher.sendMore(ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
    publisher.send(Payloads.batch(events));
  }

  private JsonNode state() throws Exception {
    String json = member.<String, String>getMap(LocalityLog.REPLICAS).get("r1");
    return json == null ? JSON.createObjectNode() : JSON.readTree(json);
  }

  /** Folds the ring as a router does. */
  private Set<Long> folded() throws Exception {
    Ringbuffer<byte[]> ring = member.getRingbuffer(LocalityLog.ring("r1"));
    Set<Long> keys = new HashSet<>();
    long epoch = -1;
    long next = 0;
    for (long at = ring.headSequence(); at <= ring.tailSequence(); at++) {
      DeltaFrame frame = DeltaFrame.decode(ring.readOne(at));
      if (frame.epoch() > epoch) {
        epoch = frame.epoch();
        next = 0;
        keys.clear();
      }
      assertThat(frame.sequence()).isEqualTo(next++);
      fold(frame, keys);
    }
    return keys;
  }

  private static void fold(DeltaFrame frame, Set<Long> keys) {
    for (var change : frame.changes()) {
      for (long key : change.keys()) {
        boolean ignored = change instanceof DeltaFrame.Stored ? keys.add(key) : keys.remove(key);
      }
    }
  }

  /** What a router that starts late finds: the snapshot, then the frames behind it. */
  private Set<Long> foundLate() throws Exception {
    var map = member.<String, byte[]>getMap(LocalityLog.SNAPSHOTS);
    byte[] bytes = map.get(SnapshotChunk.mapKey("r1", KeySpace.TOKENS, 0));
    Set<Long> keys = new HashSet<>();
    if (bytes == null) {
      return keys;
    }
    SnapshotChunk first = SnapshotChunk.decode(bytes);
    for (int i = 0; i < first.count(); i++) {
      String key = SnapshotChunk.mapKey("r1", KeySpace.TOKENS, i);
      for (long held : SnapshotChunk.decode(map.get(key)).keys()) {
        keys.add(held);
      }
    }
    Ringbuffer<byte[]> ring = member.getRingbuffer(LocalityLog.ring("r1"));
    for (long at = ring.headSequence(); at <= ring.tailSequence(); at++) {
      DeltaFrame frame = DeltaFrame.decode(ring.readOne(at));
      if (frame.epoch() > first.epoch()) {
        return Set.of();
      }
      if (frame.epoch() == first.epoch() && frame.sequence() > first.sequence()) {
        fold(frame, keys);
      }
    }
    return keys;
  }

  private static Set<Long> keys(int firstToken, int blocks) {
    int[] tokens = IntStream.range(firstToken, firstToken + blocks * BLOCK).toArray();
    ChainRoot root = new ChainRoot(KeySpace.TOKENS, "m", "", "", BLOCK);
    Set<Long> keys = new HashSet<>();
    for (long key : Blocks.tokens(tokens, BLOCK).chain(root).keys()) {
      keys.add(key);
    }
    return keys;
  }

  private static List<Long> hashes(long from, int count) {
    List<Long> hashes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      hashes.add(from + i);
    }
    return hashes;
  }

  private void awaitFolded(Set<Long> expected) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(folded()).isEqualTo(expected));
  }

  @Test
  void run_storeRemoveRestart_framesFoldToWhatTheEngineHolds() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    awaitFolded(keys(1, 40));
    publish(2, Payloads.removed(139L, 138L));
    awaitFolded(keys(1, 38));
    long epoch = state().path("epoch").asLong();

    publish(0, Payloads.stored(hashes(500, 3), null, 9_000, BLOCK));

    awaitFolded(keys(9_000, 3));
    await().atMost(LIMIT).until(() -> state().path("epoch").asLong() > epoch);
    assertThat(state().path("healthy").asBoolean()).isTrue();
    assertThat(state().path("cacheTokens").asInt()).isEqualTo(400);
    assertThat(state().path("running").asInt()).isEqualTo(3);
    assertThat(state().path("events").asBoolean()).isTrue();
  }

  @Test
  void run_lateReader_snapshotAndTailEqualTheLog() {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    awaitFolded(keys(1, 40));
    publish(2, Payloads.stored(hashes(140, 2), 139L, 161, BLOCK));

    await().atMost(LIMIT).untilAsserted(() -> assertThat(foundLate()).isEqualTo(keys(1, 42)));
  }

  @Test
  void run_clusterLostAndBackEmpty_holdsEverythingInANewEpoch() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    awaitFolded(keys(1, 40));
    long epoch = state().path("epoch").asLong();
    int port = port();

    member.getLifecycleService().terminate();
    publish(2, Payloads.stored(hashes(140, 2), 139L, 161, BLOCK));
    member = member(port);

    awaitFolded(keys(1, 42));
    await().atMost(LIMIT).until(() -> state().path("epoch").asLong() > epoch);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(foundLate()).isEqualTo(keys(1, 42)));
  }

  @Test
  void run_engineGone_isUnhealthyAndClaimsNothing() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    awaitFolded(keys(1, 40));

    engine.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);

    await().atMost(LIMIT).until(() -> !state().path("healthy").asBoolean());
    awaitFolded(Set.of());
  }

  @Test
  void close_removesTheReplica() throws Exception {
    assertThat(state().path("id").asText()).isEqualTo("r1");
    agent.close();
    assertThat(state().path("id").asText()).isEmpty();
  }
}
