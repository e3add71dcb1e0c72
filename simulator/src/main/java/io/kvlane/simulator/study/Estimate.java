package io.kvlane.simulator.study;

import java.util.Arrays;

/**
 * A mean over runs with different seeds.
 *
 * @param mean NaN if a run has no value
 * @param halfWidth of the 95 % confidence interval by Student's t; NaN for a single run
 */
public record Estimate(double mean, double halfWidth) {
  // 97.5 % quantiles for 1 to 30 degrees of freedom; beyond, the normal's is at most 4 % off.
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };
  private static final double NORMAL = 1.960;

  /** The estimate from one value a run. */
  public static Estimate of(double... values) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    if (n < 2) {
      return new Estimate(mean, Double.NaN);
    }
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double t = n - 2 < T.length ? T[n - 2] : NORMAL;
    return new Estimate(mean, t * Math.sqrt(squares / (n - 1) / n));
  }
}
