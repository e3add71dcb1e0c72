package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CacheScaleTest {
  private final CacheScale scale = new CacheScale();

  @Test
  void observe_lessCachedThanPredicted_countsKeysForMore() {
    scale.observe(2_000, 0);

    assertThat(scale.factor()).isGreaterThan(1);
  }

  @Test
  void observe_moreCachedThanPredicted_countsKeysForLess() {
    scale.observe(0, 2_000);

    assertThat(scale.factor()).isLessThan(1);
  }

  @Test
  void observe_nothingReportedOrTheEdgeOfABlock_learnsNothing() {
    scale.observe(2_000, -1);
    scale.observe(2_000, 1_900);

    assertThat(scale.factor()).isEqualTo(1);
  }

  @Test
  void observe_alwaysWrong_staysWithinAnEighthAndEight() {
    for (int i = 0; i < 1_000; i++) {
      scale.observe(10_000, 0);
    }
    assertThat(scale.factor()).isEqualTo(8);
    for (int i = 0; i < 1_000; i++) {
      scale.observe(0, 10_000);
    }
    assertThat(scale.factor()).isEqualTo(0.125);
  }
}
