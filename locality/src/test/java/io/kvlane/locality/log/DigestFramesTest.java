package io.kvlane.locality.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.log.DigestDelta.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DigestFramesTest {
  private static long[] fingerprints(Random random, int count) {
    return random.longs(count, 1, 1L << DigestDelta.FINGERPRINT_BITS).sorted().distinct().toArray();
  }

  private static DigestDelta delta(long seed, int count) {
    Random random = new Random(seed);
    List<Level> levels =
        IntStream.range(0, DigestDelta.LEVELS)
            .mapToObj(
                i -> new Level(fingerprints(random, count >> i), fingerprints(random, count >> i)))
            .toList();
    return new DigestDelta(random.nextLong(), 7, 9, 2, levels);
  }

  private static void same(DigestDelta read, DigestDelta written) {
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  @Property(tries = 200)
  void decode_whatWasEncoded(@ForAll long seed, @ForAll @IntRange(max = 2_000) int count)
      throws LogFormatException {
    DigestDelta delta = delta(seed, count);
    DigestFrame frame = new DigestFrame("eu-west", "router-1", 5, 6, true, 7, delta);

    same(DigestDelta.decode(delta.encode()), delta);
    DigestFrame read = DigestFrame.decode(frame.encode());
    assertThat(read).usingRecursiveComparison().isEqualTo(frame);
  }

  @Test
  void decode_extremes() throws LogFormatException {
    long most = (1L << DigestDelta.FINGERPRINT_BITS) - 1;
    Level ends = new Level(new long[] {0, 1, most}, new long[] {most});
    DigestDelta delta = new DigestDelta(1, -1, 0, 20, List.of(ends, ends, ends, ends));

    same(DigestDelta.decode(delta.encode()), delta);
  }

  @Test
  void decode_damaged_saysSo() {
    byte[] whole = delta(1, 50).encode();
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x10;
      byte[] cut = Arrays.copyOf(whole, i);
      assertThatThrownBy(() -> DigestDelta.decode(damaged)).isInstanceOf(LogFormatException.class);
      assertThatThrownBy(() -> DigestDelta.decode(cut)).isInstanceOf(LogFormatException.class);
    }
  }

  @Test
  void encode_aThousandKeys_nearTheirInformation() {
    Level level = new Level(fingerprints(new Random(1), 1_000), new long[0]);
    Level none = new Level(new long[0], new long[0]);
    int bytes = new DigestDelta(1, 2, 3, 2, List.of(level, none, none, none)).encode().length;

    // log2(2^40 / 1000) + 1.5 bits each, and what a frame takes whatever it carries
    assertThat(bytes - 50).isLessThan((int) (1_000 * (30.03 + 1.6) / 8));
  }
}
