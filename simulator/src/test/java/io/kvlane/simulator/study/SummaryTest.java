package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.fleet.Results;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final double NONE = Double.NaN;

  /**
   * Replica 0 in region 0, replica 1 in region 1; arrivals at 0, 1, 2, 3 and 4 s, all of region 0.
   */
  private static final Results RESULTS =
      new Results(
          new double[] {100, 200, 9000, 400, NONE},
          new double[] {1000, 2000, 10_000, NONE, NONE},
          new int[] {1000, 1000, 2000, 1000, 5000},
          new int[] {0, 500, 1000, 1000, 0},
          new int[] {0, 400, 1600, 500, 0},
          new int[] {0, 0, 1, 0, -1},
          new double[] {0, 1000, 2000, 3000, 4000},
          new boolean[] {false, false, false, true, true},
          new int[] {0, 1, 0, 0, 0},
          new int[] {0, 1},
          new int[] {0, 0, 0, 0, 0},
          12_000,
          new double[] {2000, 5000},
          77);

  private final Summary all = Summary.of(RESULTS, 5000, 0);

  @Test
  void counts() {
    assertThat(all.requests()).isEqualTo(5);
    assertThat(all.failed()).isEqualTo(2);
    assertThat(all.crossRegionBytes()).isEqualTo(77);
  }

  @Test
  void hitRatios_areOfServedRequests() {
    assertThat(all.hitRatio()).isEqualTo(2500.0 / 5000);
    assertThat(all.predictedHitRatio()).isEqualTo(2500.0 / 5000);
  }

  @Test
  void percentiles_areNearestRanks() {
    assertThat(all.ttftMs().get(0)).isEqualTo(100);
    assertThat(all.ttftMs().get(25)).isEqualTo(100);
    assertThat(all.ttftMs().get(26)).isEqualTo(200);
    assertThat(all.ttftMs().get(50)).isEqualTo(200);
    assertThat(all.ttftMs().get(95)).isEqualTo(9000);
    assertThat(all.ttftMs().get(100)).isEqualTo(9000);
    assertThat(all.endToEndMs().get(50)).isEqualTo(2000);
    assertThat(all.endToEndMs()).hasSize(101);
  }

  @Test
  void rates_areOverTheTimeUntilTheLastToken() {
    assertThat(all.throughput()).isEqualTo(3 / 12.0);
    assertThat(all.goodput()).isEqualTo(2 / 12.0);
  }

  @Test
  void attainment_failedRequestsAreNotAnswered() {
    // The first two; the third is late, the others failed.
    assertThat(all.attainment()).isEqualTo(2 / 5.0);
  }

  @Test
  void imbalance_isTheMostUncachedTokensOverTheMean() {
    // Uncached: 1000 + 500 + 0 and 1000.
    assertThat(all.imbalance()).isEqualTo(1500 / 1250.0);
  }

  @Test
  void crossRegionShare_isOfServedRequests() {
    assertThat(all.crossRegionShare()).isEqualTo(0.25);
  }

  @Test
  void utilisation_workAfterTheLastArrival_isAtMostOne() {
    assertThat(all.utilisation()).isEqualTo((2000 / 4000.0 + 1) / 2);
  }

  @Test
  void warmUp_firstArrivals_countNot() {
    Summary late = Summary.of(RESULTS, 5000, 0.4);

    assertThat(late.requests()).isEqualTo(3);
    assertThat(late.hitRatio()).isEqualTo(2000.0 / 3000);
    assertThat(late.throughput()).isEqualTo(1 / 10.0);
  }

  @Test
  void nothingServed_hasNoPercentiles() {
    Results none =
        new Results(
            new double[] {NONE},
            new double[] {NONE},
            new int[] {10},
            new int[1],
            new int[1],
            new int[] {-1},
            new double[1],
            new boolean[] {true},
            new int[1],
            new int[] {0},
            new int[] {0},
            0,
            new double[] {0},
            0);

    Summary summary = Summary.of(none, 5000, 0);

    assertThat(summary.hitRatio()).isNaN();
    assertThat(summary.ttftMs().get(50)).isNaN();
    assertThat(summary.imbalance()).isNaN();
  }

  @Test
  void refused_areInfinitelyLate() {
    Results results =
        new Results(
            new double[] {100, 200, NONE, NONE},
            new double[] {100, 200, NONE, NONE},
            new int[] {10, 10, 10, 10},
            new int[4],
            new int[4],
            new int[] {0, 0, -1, -1},
            new double[] {0, 1, 2, 3},
            new boolean[] {false, false, true, true},
            new int[] {0, 1, 3, 0},
            new int[] {0},
            new int[4],
            1000,
            new double[] {0},
            0);

    Summary summary = Summary.of(results, 5000, 0);

    // The second was let in later, the last failed for another reason.
    assertThat(summary.refused()).isEqualTo(1);
    assertThat(summary.failed()).isEqualTo(2);
    assertThat(summary.attainment()).isEqualTo(0.5);
    assertThat(summary.ttftMs().get(66)).isEqualTo(200);
    assertThat(summary.ttftMs().get(67)).isInfinite();
    assertThat(summary.endToEndMs().get(100)).isEqualTo(200);
  }

  @Test
  void estimate_ofSeveralRuns_hasStudentsInterval() {
    Estimate estimate = Estimate.of(1, 2, 3);

    assertThat(estimate.mean()).isEqualTo(2);
    assertThat(estimate.halfWidth()).isCloseTo(4.303 / Math.sqrt(3), within(1e-9));
  }

  @Test
  void estimate_ofOneRun_hasNoInterval() {
    assertThat(Estimate.of(5).halfWidth()).isNaN();
  }
}
