package io.kvlane.agent.event;

import static io.kvlane.agent.event.Payloads.array;
import static io.kvlane.agent.event.Payloads.batch;
import static io.kvlane.agent.event.Payloads.pack;
import static io.kvlane.agent.event.Payloads.removed;
import static io.kvlane.agent.event.Payloads.stored;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.KvEvent.BlockRemoved;
import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.agent.event.Problem.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private final List<Problem> problems = new ArrayList<>();

  private Optional<EventBatch> decode(byte[] payload) {
    return EventDecoder.decode(payload, problems::add);
  }

  private List<KvEvent> events(Object... events) {
    return decode(batch(events)).orElseThrow().events();
  }

  private List<Reason> reasons() {
    return problems.stream().map(Problem::reason).toList();
  }

  @Test
  void decode_unknownKind_skipsTheEventAlone() {
    var events = events(array("BlockPinned", List.of(1L)), removed(7L));

    assertThat(events).hasSize(1);
    assertThat(reasons()).containsExactly(Reason.UNKNOWN_EVENT);
  }

  @Test
  void decode_unknownMapKey_keepsTheEvent() {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("new_field", List.of(Map.of("a", 1)));
    event.put("block_hashes", List.of(7L));
    event.put("type", "BlockRemoved");

    assertThat(events(event)).singleElement().isInstanceOf(BlockRemoved.class);
    assertThat(reasons()).containsExactly(Reason.UNKNOWN_FIELD);
  }

  @Test
  void decode_extraElements_keepsTheEvent() {
    var events = events(array("BlockRemoved", List.of(7L), "GPU", 0, "more", 1));

    assertThat(events).hasSize(1);
    assertThat(reasons()).containsExactly(Reason.UNKNOWN_FIELD);
  }

  @Test
  void decode_simulatorParentZero_isNoParent() {
    BlockStored event = (BlockStored) events(stored(List.of(1L), 0L, 1, 4)).getFirst();

    assertThat(event.parent()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    ", , DEVICE",
    "'', , DEVICE",
    "GPU, LOCAL, DEVICE",
    "GPU, REMOTE, REMOTE",
    "CPU_PINNED, , HOST",
    "NVME, , DISK",
    "EXTERNAL, , REMOTE",
    "HOLOGRAM, , OTHER"
  })
  void decode_medium_unknownIsNotDevice(String medium, String locality, Medium expected) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("type", "BlockRemoved");
    event.put("block_hashes", List.of(7L));
    event.put("medium", medium);
    event.put("locality", locality);

    assertThat(((BlockRemoved) events(event).getFirst()).medium()).isEqualTo(expected);
  }

  @Test
  void decode_floatHash_refusesTheEventAlone() {
    var events = events(array("BlockRemoved", List.of(1.0)), removed(7L));

    assertThat(events).hasSize(1);
    assertThat(reasons()).containsExactly(Reason.LOST_REMOVAL);
  }

  @Test
  void decode_tooFewTokens_refusesTheEvent() {
    var event = array("BlockStored", List.of(1L, 2L), null, List.of(1, 2, 3), 2, null);

    assertThat(events(event, removed(7L))).hasSize(1);
    assertThat(problems.getFirst().detail()).contains("3 tokens for 2 blocks of 2");
  }

  @Test
  void decode_tokensUpToUnsigned32_keepsBits() {
    var event = array("BlockStored", List.of(1L), null, List.of(0xffff_ffffL), 1, null);

    assertThat(((BlockStored) events(event).getFirst()).tokens()).containsExactly(-1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0x1_0000_0000L})
  void decode_tokenOutOfRange_refusesTheEvent(long token) {
    var event = array("BlockStored", List.of(1L), null, List.of(token), 1, null);

    assertThat(events(event)).isEmpty();
    assertThat(reasons()).containsExactly(Reason.MALFORMED_EVENT);
  }

  @Test
  void decode_loraIdWithoutName_isAnAdapterOfItsOwn() {
    var event = array("BlockStored", List.of(1L), null, List.of(5), 1, 3);

    assertThat(((BlockStored) events(event).getFirst()).lora()).isEqualTo("#3");
  }

  @Test
  void decode_saltNotUtf8_refusesTheEvent() {
    // A replacement character would make two tenants' salts look alike.
    byte[] payload = batch(array("BlockStored", List.of(1L), null, List.of(5), 1, null, "G?U"));
    payload[new String(payload, ISO_8859_1).lastIndexOf('?')] = (byte) 0xff;

    assertThat(decode(payload).orElseThrow().events()).isEmpty();
    assertThat(reasons()).containsExactly(Reason.MALFORMED_EVENT);
  }

  @Test
  void decode_trailingBytes_keepsTheBatch() {
    byte[] good = batch(removed(7L));

    var batch = decode(Arrays.copyOf(good, good.length + 3)).orElseThrow();

    assertThat(batch.events()).hasSize(1);
    assertThat(reasons()).containsExactly(Reason.TRAILING_BYTES);
  }

  @Test
  void decode_widestHeaders_sameEvents() {
    // array32 of 2, float64, array32 of 1, array32 of 2, str32, array32 of 1, int64 7
    String hex =
        "dd00000002 cb3ff8000000000000 dd00000001 dd00000002 db0000000c"
            + "426c6f636b52656d6f766564 dd00000001 d30000000000000007";

    var events = decode(HexFormat.of().parseHex(hex.replace(" ", ""))).orElseThrow().events();

    assertThat(((BlockRemoved) events.getFirst()).hashes()).containsExactly(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c0",
        "c1",
        "07",
        "90",
        "91cb3ff8000000000000",
        "ddffffffff",
        "dfffffffff",
        "93cb3ff8000000000000ddffffffff00",
        "93cb3ff800000000000091dd7fffffffdd7fffffff",
        "93cb3ff8000000000000dbffffffff00",
        "82a27473c0",
        "94c09000c1"
      })
  void decode_noBatch_isOneProblem(String hex) {
    assertThat(decode(HexFormat.of().parseHex(hex))).isEmpty();
    assertThat(reasons()).contains(Reason.MALFORMED_BATCH);
  }

  @Test
  void decode_deeplyNested_neitherOverflowsNorHangs() {
    byte[] deep = new byte[1 << 20];
    Arrays.fill(deep, (byte) 0x91);

    assertThat(decode(deep)).isEmpty();
  }

  @Test
  void decode_negativeRank_isNoBatch() {
    assertThat(decode(pack(List.of(1.5, List.of(), -1)))).isEmpty();
  }

  @Test
  void toString_ofStored_holdsNoTokens() {
    var event = array("BlockStored", List.of(1L), null, List.of(987_654), 1, null);

    assertThat(events(event).getFirst().toString()).doesNotContain("987654");
  }
}
