package io.kvlane.simulator.study;

import java.util.Arrays;

/**
 * How a hit ratio went through a loss and a return.
 *
 * @param steady mean of the windows before the loss
 * @param recoveryMs from the loss to the end of the first window after it that is back to 90 % of
 *     the steady value, be it after the return; infinite if there is none
 * @param dip how far the lowest window after the return is below the steady value, as a share of
 *     that; 0 if none is below
 * @param secondDip the same below the mean of the last three windows before the return
 */
record Recovery(double steady, double recoveryMs, double dip, double secondDip) {
  private static final double BACK = 0.9;
  private static final int BEFORE = 3;

  /**
   * Judges a curve. Windows without a value, NaN, count nowhere.
   *
   * @param hitRatio by window
   * @param steadyFrom first window that is neither warm-up nor loss
   * @param lost first window of the loss
   * @param back first window after the return
   */
  static Recovery of(double[] hitRatio, double windowMs, int steadyFrom, int lost, int back) {
    double steady = mean(hitRatio, steadyFrom, lost);
    double recoveryMs = Double.POSITIVE_INFINITY;
    for (int i = lost; i < hitRatio.length && Double.isInfinite(recoveryMs); i++) {
      if (hitRatio[i] >= BACK * steady) {
        recoveryMs = (i + 1 - lost) * windowMs;
      }
    }
    double lowest =
        Arrays.stream(hitRatio, back, hitRatio.length)
            .filter(r -> !Double.isNaN(r))
            .min()
            .orElse(Double.NaN);
    double before = mean(hitRatio, Math.max(lost, back - BEFORE), back);
    return new Recovery(
        steady, recoveryMs, Math.max(0, 1 - lowest / steady), Math.max(0, 1 - lowest / before));
  }

  private static double mean(double[] of, int from, int to) {
    return Arrays.stream(of, from, to).filter(r -> !Double.isNaN(r)).average().orElse(Double.NaN);
  }
}
