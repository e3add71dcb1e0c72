package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RequestFeaturesTest {
  private static double place(long home) {
    return new RequestFeatures(100, 16, home, 0).place();
  }

  @Test
  void place_liesInTheUnitInterval() {
    assertThat(place(0)).isZero();
    assertThat(place(-1)).isBetween(0.999_999, Math.nextDown(1.0));
  }

  @Test
  void place_residencyClass_makesNoDifference() {
    long key = 0x0123_4567_89ab_cdefL;
    assertThat(place(key)).isEqualTo(place(key | 0xf000_0000_0000_0000L));
  }

  @Test
  void place_ofManyKeys_isEven() {
    SplittableRandom random = new SplittableRandom(1);
    int below = 0;
    for (int i = 0; i < 100_000; i++) {
      below += place(random.nextLong() >>> 4) < 0.3 ? 1 : 0;
    }
    assertThat(below / 1e5).isCloseTo(0.3, within(0.01));
  }
}
