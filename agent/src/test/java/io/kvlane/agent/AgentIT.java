package io.kvlane.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.agent.event.Payloads;
import io.kvlane.agent.publish.RegionClient;
import io.kvlane.agent.source.EventFeed;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final int BLOCK = 4;

  private final Vertx vertx = Vertx.vertx();
  private final ZContext zmq = new ZContext();
  private TestRegion region;
  private HazelcastInstance client;
  private HttpServer engine;
  private ZMQ.Socket publisher;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    region = new TestRegion("r1");
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
    client = RegionClient.start(region.cluster(), List.of(region.address()));
    URI url = URI.create("http://127.0.0.1:" + engine.actualPort());
    EventFeed.Settings own = new EventFeed.Settings("tcp://127.0.0.1:*", true, null, null);
    agent =
        new Agent(
            new AgentSettings("r1", url, url, List.of(own, own), null, BLOCK, 0),
            client,
            vertx,
            InstantSource.system(),
            System::nanoTime);
    connectPublisher();
    assertThat(agent.awaitReady(30_000)).isTrue();
    await().atMost(LIMIT).until(() -> region.state().path("blockSize").asInt() == BLOCK);
    // A subscription needs a moment: publish what changes nothing until it has arrived. Seldom a
    // connection never comes about; a long time without a word asks for another.
    AtomicInteger tries = new AtomicInteger();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              if (tries.incrementAndGet() % 50 == 0) {
                publisher.close();
                connectPublisher();
              }
              publish(0, List.of("Hello"));
              return agent.metrics().count("kvlane.agent.problems", "reason", "unknown_event") > 0;
            });
  }

  private void connectPublisher() {
    publisher = zmq.createSocket(SocketType.PUB);
    publisher.setHandshakeIvl(2_000);
    publisher.connect(agent.eventsEndpoints().getFirst());
  }

  @AfterEach
  void stop() throws Exception {
    agent.close();
    client.shutdown();
    region.close();
    zmq.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void publish(long sequence, Object... events) {
    send(publisher, sequence, events);
  }

  private static void send(ZMQ.Socket socket, long sequence, Object... events) {
    socket.sendMore("kv");
    socket.sendMore(ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
    socket.send(Payloads.batch(events));
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

  @Test
  void run_storeRemoveRestart_framesFoldToWhatTheEngineHolds() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    region.awaitFolded(keys(1, 40));
    publish(2, Payloads.removed(139L, 138L));
    region.awaitFolded(keys(1, 38));
    long epoch = region.state().path("epoch").asLong();

    publish(0, Payloads.stored(hashes(500, 3), null, 9_000, BLOCK));

    region.awaitFolded(keys(9_000, 3));
    await().atMost(LIMIT).until(() -> region.state().path("epoch").asLong() > epoch);
    assertThat(region.state().path("healthy").asBoolean()).isTrue();
    assertThat(region.state().path("cacheTokens").asInt()).isEqualTo(400);
    assertThat(region.state().path("running").asInt()).isEqualTo(3);
    assertThat(region.state().path("events").asBoolean()).isTrue();
  }

  @Test
  void run_lateReader_snapshotAndTailEqualTheLog() {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    region.awaitFolded(keys(1, 40));
    publish(2, Payloads.stored(hashes(140, 2), 139L, 161, BLOCK));

    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(region.foundLate()).isEqualTo(keys(1, 42)));
  }

  @Test
  void run_clusterLostAndBackEmpty_holdsEverythingInANewEpoch() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    region.awaitFolded(keys(1, 40));
    long epoch = region.state().path("epoch").asLong();

    region.lose(() -> publish(2, Payloads.stored(hashes(140, 2), 139L, 161, BLOCK)));

    region.awaitFolded(keys(1, 42));
    await().atMost(LIMIT).until(() -> region.state().path("epoch").asLong() > epoch);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(region.foundLate()).isEqualTo(keys(1, 42)));
  }

  @Test
  void run_engineGone_isUnhealthyAndClaimsNothing() throws Exception {
    publish(1, Payloads.stored(hashes(100, 40), null, 1, BLOCK));
    region.awaitFolded(keys(1, 40));

    engine.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);

    await().atMost(LIMIT).until(() -> !region.state().path("healthy").asBoolean());
    region.awaitFolded(Set.of());
  }

  @Test
  void run_oneOfTwoPublishersRestarts_takesBackItsBlocksWithoutAnEpoch() throws Exception {
    publish(1, Payloads.stored(hashes(100, 4), null, 1, BLOCK));
    try (ZMQ.Socket other = zmq.createSocket(SocketType.PUB)) {
      other.connect(agent.eventsEndpoints().getLast());
      Set<Long> both = new HashSet<>(keys(1, 4));
      both.addAll(keys(50_000, 2));
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                send(other, 5, Payloads.stored(hashes(100, 2), null, 50_000, BLOCK));
                assertThat(region.folded()).isEqualTo(both);
              });
      long epoch = region.state().path("epoch").asLong();

      send(other, 0, Payloads.stored(hashes(100, 1), null, 70_000, BLOCK));
      Set<Long> then = new HashSet<>(keys(1, 4));
      then.addAll(keys(70_000, 1));
      region.awaitFolded(then);
      publish(2, Payloads.removed(103L));
      then.removeAll(keys(1, 4));
      then.addAll(keys(1, 3));
      region.awaitFolded(then);
      assertThat(region.state().path("epoch").asLong()).isEqualTo(epoch);
    }
  }

  @Test
  void statusServer_servesHealthAndMetrics() throws Exception {
    StatusServer server = new StatusServer(vertx, "127.0.0.1", 0, agent);
    publish(1, Payloads.stored(hashes(100, 4), null, 1, BLOCK));
    region.awaitFolded(keys(1, 4));

    assertThat(get(server, "/health").statusCode()).isEqualTo(200);
    assertThat(get(server, "/metrics").body())
        .contains("kvlane_agent_keys 4")
        .contains("kvlane_agent_events_total{kind=\"stored\"} 1")
        .contains("kvlane_agent_engine_healthy 1");
    assertThat(get(server, "/other").statusCode()).isEqualTo(404);
    agent.close();
    await().atMost(LIMIT).until(() -> get(server, "/health").statusCode() == 503);
  }

  private static HttpResponse<String> get(StatusServer server, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void close_removesTheReplica() throws Exception {
    assertThat(region.state().path("id").asText()).isEqualTo("r1");
    agent.close();
    assertThat(region.state().path("id").asText()).isEmpty();
  }
}
