package io.kvlane.router.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.ringbuffer.Ringbuffer;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.prefix.KeySpace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A router beside routers and agents of a newer version. What it cannot read it ignores or refuses,
 * says so, and serves on by what it knows.
 */
class NewerVersionIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path certificates;
  @TempDir private Path disk;

  private TestRegion router;
  private HazelcastInstance hazelcast;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east");
    String yaml = "policies: {directory: " + disk + ", every: 50ms}\n";
    router = new TestRegion("us-east", TestRegion.freePort(), certificates, Map.of(), 1, yaml);
    String instance = router.config.cluster().name() + '/' + router.config.router().id();
    hazelcast = Hazelcast.getHazelcastInstanceByName(instance);
    await().until(() -> router.gauge("kvlane.config.revision") == 1);
  }

  @AfterEach
  void stop() {
    router.close();
  }

  /** Checksum and hash are right, as those of another version are. */
  private static byte[] nextVersion(byte[] frame) {
    frame[3]++;
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, frame.length - Integer.BYTES);
    ByteBuffer.wrap(frame)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(frame.length - Integer.BYTES, (int) crc.getValue());
    return frame;
  }

  private static byte[] frame(long epoch, long sequence, long... keys) {
    var stored = List.<DeltaFrame.Change>of(new DeltaFrame.Stored(keys));
    return new DeltaFrame(
            "us-east-engine-1",
            KeySpace.TOKENS,
            epoch,
            sequence,
            System.currentTimeMillis(),
            stored)
        .encode();
  }

  @Test
  void frames_ofANewerVersion_areCountedAndSkipped_andWhatFollowsIsRead() throws Exception {
    Ringbuffer<byte[]> ring = hazelcast.getRingbuffer(LocalityLog.ring("us-east-engine-1"));
    ring.add(frame(1, 0, 11, 12));
    await().until(() -> router.gauge("kvlane.index.blocks", "space", "tokens") == 2);
    double damaged = router.count("kvlane.map.damaged");

    for (int i = 1; i <= 3; i++) {
      ring.add(nextVersion(frame(1, i, 13 + i)));
    }

    await().until(() -> router.count("kvlane.map.damaged") >= damaged + 3);
    assertThat(router.chat("hello").statusCode()).isEqualTo(200);
    // As an agent that is set back to this version does: it begins a new epoch.
    ring.add(frame(2, 0, 21, 22, 23));
    await().until(() -> router.gauge("kvlane.index.blocks", "space", "tokens") == 3);
  }

  @Test
  void replicaState_withFieldsOfANewerVersion_isHeeded() throws Exception {
    IMap<String, String> states = hazelcast.getMap(LocalityLog.REPLICAS);
    ObjectNode state = (ObjectNode) JSON.readTree(states.get("us-east-engine-1"));
    state.put("healthy", false).putObject("invented").put("later", 1);
    states.put("us-east-engine-1", state.toString());
    await().until(() -> router.gauge("kvlane.replicas.healthy") == 0);
    state.put("healthy", true);
    states.put("us-east-engine-1", state.toString());
    await().until(() -> router.gauge("kvlane.replicas.healthy") == 1);
  }

  @Test
  void order_thatOnlyANewerVersionKnows_isSkipped_andOthersAreHeeded() throws Exception {
    IMap<String, String> drains = hazelcast.getMap(LocalityLog.DRAINS);
    long now = System.currentTimeMillis();
    String order = "{\"kind\":\"%s\",\"name\":\"%s\",\"action\":\"%s\",\"from\":1,\"since\":%d}";
    drains.put("REPLICA/x", order.formatted("REPLICA", "x", "HIBERNATE", now));
    drains.put("SHELF/y", order.formatted("SHELF", "y", "DRAIN", now));
    drains.put("REGION/us-east", order.formatted("REGION", "us-east", "EVACUATE", now));
    await().until(() -> router.chat("hello").statusCode() == 503);
    drains.delete("REGION/us-east");
    await().until(() -> router.chat("hello").statusCode() == 200);
  }

  @Test
  void policies_thatOnlyANewerVersionKnows_areRefusedOnce_andTheNextOnesAreServed()
      throws Exception {
    IMap<String, String> copy = hazelcast.getMap("kvlane:policies");
    await().until(() -> "1".equals(copy.get("head")));
    put(copy, 7, "quotas");

    await().until(() -> router.gauge("kvlane.config.refused") == 7);
    assertThat(router.gauge("kvlane.config.revision")).isEqualTo(1);
    assertThat(router.chat("hello").headers().firstValue("x-config-revision")).contains("1");

    put(copy, 8, null);
    await().until(() -> router.gauge("kvlane.config.revision") == 8);
    assertThat(router.chat("hello").headers().firstValue("x-config-revision")).contains("8");
  }

  /** A revision as a router puts it there, with one resource more of a kind. */
  private static void put(IMap<String, String> copy, long revision, String kind) throws Exception {
    String text = copy.get("text");
    ObjectNode document = (ObjectNode) JSON.readTree(text.substring(text.indexOf('\n') + 1));
    document.put("revision", revision).put("hash", ("" + revision).repeat(64));
    var resources = (ArrayNode) document.get("resources");
    resources.removeIf(resource -> resource.path("kind").asText().equals("quotas"));
    if (kind != null) {
      resources.addObject().put("kind", kind).put("revision", revision).put("json", "{}");
    }
    String body = document.toString();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(body.getBytes(UTF_8));
    copy.set("text", HexFormat.of().formatHex(hash) + '\n' + body);
    copy.set("head", "" + revision);
  }
}
