package io.kvlane.simulator.study;

import java.util.Arrays;

/** The mean for ratios. */
final class GeometricMean {
  private GeometricMean() {}

  /** Of values above 0; NaN of none. */
  static double of(double... values) {
    return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
  }
}
