package io.kvlane.simulator.workload;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws ranks 0 to n - 1, rank k with a probability proportional to (k + 1)^-exponent. */
final class Zipf {
  private final double[] cumulative;

  Zipf(int n, double exponent) {
    cumulative = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.pow(i + 1, -exponent);
      cumulative[i] = sum;
    }
  }

  int draw(SplittableRandom random) {
    int at =
        Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[cumulative.length - 1]);
    return Math.min(at < 0 ? -at - 1 : at, cumulative.length - 1);
  }
}
