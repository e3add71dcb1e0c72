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
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** A region of one Hazelcast member, read as routers read it. */
final class TestRegion implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String replica;
  private final String cluster = "agent-it-" + System.nanoTime();
  private HazelcastInstance member;

  TestRegion(String replica) {
    this.replica = replica;
    member = member(0);
  }

  String cluster() {
    return cluster;
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  private int port() {
    return member.getCluster().getLocalMember().getAddress().getPort();
  }

  /** Kills the member. The next is empty. */
  void lose(Runnable meanwhile) {
    int port = port();
    member.getLifecycleService().terminate();
    meanwhile.run();
    member = member(port);
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

  JsonNode state() throws Exception {
    String json = member.<String, String>getMap(LocalityLog.REPLICAS).get(replica);
    return json == null ? JSON.createObjectNode() : JSON.readTree(json);
  }

  /** Folds the ring as a router does that was there from the beginning. */
  Set<Long> folded() throws Exception {
    Ringbuffer<byte[]> ring = member.getRingbuffer(LocalityLog.ring(replica));
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
  Set<Long> foundLate() throws Exception {
    var map = member.<String, byte[]>getMap(LocalityLog.SNAPSHOTS);
    byte[] bytes = map.get(SnapshotChunk.mapKey(replica, KeySpace.TOKENS, 0));
    Set<Long> keys = new HashSet<>();
    if (bytes == null) {
      return keys;
    }
    SnapshotChunk first = SnapshotChunk.decode(bytes);
    for (int i = 0; i < first.count(); i++) {
      String key = SnapshotChunk.mapKey(replica, KeySpace.TOKENS, i);
      for (long held : SnapshotChunk.decode(map.get(key)).keys()) {
        keys.add(held);
      }
    }
    Ringbuffer<byte[]> ring = member.getRingbuffer(LocalityLog.ring(replica));
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

  void awaitFolded(Set<Long> expected) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(folded()).isEqualTo(expected));
  }

  /** Waits until both an old and a new router hold exactly these keys. */
  void awaitHeld(Set<Long> expected) {
    awaitFolded(expected);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(foundLate()).isEqualTo(expected));
  }

  @Override
  public void close() {
    member.shutdown();
  }
}
