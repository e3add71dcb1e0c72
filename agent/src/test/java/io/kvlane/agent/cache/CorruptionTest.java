package io.kvlane.agent.cache;

import static org.assertj.core.api.Assertions.fail;

import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.EventData;
import io.kvlane.agent.event.EventDecoder;
import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.agent.event.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged payloads give a counted problem or a valid reading, and never claim more blocks than the
 * tokens that are literally in them can make up.
 */
@DisplayName("Every truncation and every single-byte corruption")
class CorruptionTest {
  private static final int BLOCK = 4;

  private static void check(byte[] payload, int blockSize, boolean mustFail) {
    List<Problem> problems = new ArrayList<>();
    Optional<EventBatch> decoded = EventDecoder.decode(payload, problems::add);
    if (decoded.isEmpty()) {
      expect(!problems.isEmpty(), "a failure that is not counted");
      return;
    }
    expect(!mustFail, "a cut payload is no batch");
    EngineCache cache = new EngineCache(new CacheShape("m", blockSize, 0, 10_000));
    cache.apply(0, decoded.get());
    int blocks = 0;
    for (var event : decoded.get().events()) {
      if (event instanceof BlockStored stored) {
        // One token takes at least one byte.
        expect(stored.tokens().length <= payload.length, "more tokens than bytes");
        blocks += stored.tokens().length / blockSize;
      }
    }
    expect(cache.size() <= blocks, "more blocks than tokens make up");
  }

  /** Plain: this is asked a million times. */
  private static void expect(boolean holds, String otherwise) {
    if (!holds) {
      fail(otherwise);
    }
  }

  private static final boolean EXHAUSTIVE = Boolean.getBoolean("kvlane.exhaustive");

  /**
   * Long payloads repeat themselves: behind the first 400 bytes a prime step meets every kind of
   * byte. The system property {@code kvlane.exhaustive} makes it every position.
   */
  private static IntStream positions(byte[] payload) {
    return IntStream.range(0, payload.length)
        .filter(at -> EXHAUSTIVE || at < 400 || at % 53 == 0)
        .parallel();
  }

  private static byte[] with(byte[] payload, int at, int value) {
    byte[] damaged = payload.clone();
    damaged[at] = (byte) value;
    return damaged;
  }

  @Test
  void golden_everyTruncation_isNoBatch() {
    for (var golden : EventData.golden()) {
      for (int length = 0; length < golden.payload().length; length++) {
        check(Arrays.copyOf(golden.payload(), length), BLOCK, true);
      }
    }
  }

  @Test
  void golden_everyOtherValueOfEveryByte_neverThrows() {
    for (var golden : EventData.golden()) {
      byte[] payload = golden.payload();
      IntStream.range(0, payload.length)
          .parallel()
          .forEach(
              at -> {
                for (int value = 1; value < 256; value++) {
                  check(with(payload, at, payload[at] ^ value), BLOCK, false);
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm-0.18.0", "vllm-0.32.0"})
  void recording_everyTruncation_isNoBatch(String recording) {
    for (EventMessage message : EventData.messages(recording)) {
      byte[] payload = message.payload();
      positions(payload).forEach(length -> check(Arrays.copyOf(payload, length), 16, true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm-0.18.0", "vllm-0.32.0"})
  void recording_someOtherValuesOfEveryByte_neverThrows(String recording) {
    int[] values = {0x00, 0xff, 0xc1, 0x80, 0xdf};
    for (EventMessage message : EventData.messages(recording)) {
      byte[] payload = message.payload();
      positions(payload)
          .forEach(
              at -> {
                for (int i = 0; i < (EXHAUSTIVE ? values.length : 1); i++) {
                  int value = values[(at + i) % values.length];
                  check(with(payload, at, payload[at] == (byte) value ? ~value : value), 16, false);
                }
              });
    }
  }
}
