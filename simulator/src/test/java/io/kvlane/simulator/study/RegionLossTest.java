package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RegionLossTest {
  private static final double NONE = Double.NaN;

  /** Warm-up, two steady windows, a loss of three windows, what comes after. */
  private static Recovery recovery(double... lossAndAfter) {
    double[] curve = new double[3 + lossAndAfter.length];
    curve[0] = 0.1;
    curve[1] = 0.7;
    curve[2] = 0.9;
    System.arraycopy(lossAndAfter, 0, curve, 3, lossAndAfter.length);
    return Recovery.of(curve, 1000, 1, 3, 6);
  }

  @Test
  void steady_isTheMeanBeforeTheLoss() {
    assertThat(recovery(1, 1, 1, 1).steady()).isCloseTo(0.8, within(1e-9));
  }

  @Test
  void recovery_endsWithTheFirstWindowThatIsBack() {
    assertThat(recovery(0.1, 0.75, 0.8, 0.8).recoveryMs()).isEqualTo(2000);
    assertThat(recovery(0.79, 0.2, 0.8, 0.8).recoveryMs()).isEqualTo(1000);
  }

  @Test
  void recovery_notBeforeTheReturn_isLater() {
    assertThat(recovery(0.1, NONE, 0.7, 0.5, 0.8).recoveryMs()).isEqualTo(5000);
  }

  @Test
  void recovery_notAtAll_isInfinite() {
    assertThat(recovery(0.1, NONE, 0.7, 0.5, 0.6).recoveryMs()).isInfinite();
  }

  @Test
  void secondDip_isBelowWhatWasReachedBeforeTheReturn() {
    assertThat(recovery(0.4, 0.5, 0.6, 0.4).secondDip()).isCloseTo(0.2, within(1e-9));
    assertThat(recovery(0.4, 0.5, 0.6, 0.7).secondDip()).isZero();
  }

  @Test
  void dip_isTheLowestAfterTheReturn() {
    assertThat(recovery(0.1, 0.8, 0.8, 0.6, NONE, 0.9).dip()).isCloseTo(0.25, within(1e-9));
    assertThat(recovery(0.1, 0.8, 0.8, 0.9, 0.85).dip()).isZero();
  }
}
