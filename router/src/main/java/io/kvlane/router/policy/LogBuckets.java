package io.kvlane.router.policy;

/**
 * Counts of times in buckets, each a fifth longer than the one before, from 1 ms to about two
 * minutes: quantiles that are exact to a fifth, and sums over any number of places.
 */
final class LogBuckets {
  static final int COUNT = 66;

  private static final double FACTOR = 1.2;

  private LogBuckets() {}

  /** Where a time belongs. */
  static int of(double millis) {
    return millis <= 1
        ? 0
        : Math.min(COUNT - 1, (int) Math.ceil(Math.log(millis) / Math.log(FACTOR)));
  }

  /** The same: the lower end of its bucket, so that the quantile is certainly no less. */
  static double quantileAtLeastMs(long[] counts, double quantile) {
    return quantileMs(counts, quantile) / FACTOR;
  }

  /** A quantile of times, milliseconds: the upper end of its bucket; 0 if there are none. */
  static double quantileMs(long[] counts, double quantile) {
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    if (all == 0) {
      return 0;
    }
    long wanted = Math.max(1, (long) Math.ceil(quantile * all));
    long seen = 0;
    int i = -1;
    while (seen < wanted) {
      seen += counts[++i];
    }
    return Math.pow(FACTOR, i);
  }
}
