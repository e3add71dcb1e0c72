package io.kvlane.router.telemetry.cache;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/**
 * Sums over requests, and how long their first tokens took: of those whose prompt was cached for a
 * part, and of those where nothing was. Adding up is all that is ever done with them, so that
 * ratios are quotients of sums. Not thread safe.
 */
@SuppressWarnings("EnumOrdinal") // a count's place is what routers agree upon
final class Sums {
  /** Of times: each a fifth longer than the one before, from 1 ms to about two minutes. */
  static final int BUCKETS = 66;

  private static final double FACTOR = 1.2;
  private static final double LOG_FACTOR = Math.log(FACTOR);

  @JsonProperty final double[] counts;
  @JsonProperty final long[] cold;
  @JsonProperty final long[] warm;

  Sums() {
    this(new double[Count.values().length], new long[BUCKETS], new long[BUCKETS]);
  }

  /** What another router has told; it may know fewer counts, or more. */
  @JsonCreator
  Sums(
      @JsonProperty("counts") double[] counts,
      @JsonProperty("cold") long[] cold,
      @JsonProperty("warm") long[] warm) {
    this.counts = Arrays.copyOf(counts, Count.values().length);
    this.cold = Arrays.copyOf(cold, BUCKETS);
    this.warm = Arrays.copyOf(warm, BUCKETS);
  }

  double get(Count count) {
    return counts[count.ordinal()];
  }

  void add(Count count, double amount) {
    counts[count.ordinal()] += amount;
  }

  /** A first token has come. */
  void firstToken(boolean wasCached, double millis) {
    (wasCached ? warm : cold)[bucket(millis)]++;
  }

  private static int bucket(double millis) {
    if (millis <= 1) {
      return 0;
    }
    return Math.min(BUCKETS - 1, (int) Math.ceil(Math.log(millis) / LOG_FACTOR));
  }

  void add(Sums other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    for (int i = 0; i < BUCKETS; i++) {
      cold[i] += other.cold[i];
      warm[i] += other.warm[i];
    }
  }

  /** A quantile of the first tokens' times, exact to a fifth; 0 if there were none. */
  static double quantileMs(long[] buckets, double quantile) {
    long all = Arrays.stream(buckets).sum();
    if (all == 0) {
      return 0;
    }
    long wanted = Math.max(1, (long) Math.ceil(quantile * all));
    long seen = 0;
    int i = -1;
    while (seen < wanted) {
      seen += buckets[++i];
    }
    return Math.pow(FACTOR, i);
  }

  /** Cold and warm ones together. */
  long[] firstTokens() {
    long[] all = cold.clone();
    for (int i = 0; i < BUCKETS; i++) {
      all[i] += warm[i];
    }
    return all;
  }
}
