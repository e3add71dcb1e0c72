package io.kvlane.router.admin;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** A token bucket per key. Those of keys that have long been silent go. Safe for any thread. */
final class RateLimit {
  /** From when on full buckets are looked for, which say nothing. */
  private static final int MAX_BUCKETS = 20_000;

  private final double perNano;
  private final double burst;
  private final LongSupplier nanos;
  private final Map<String, Bucket> buckets = new HashMap<>();

  /** What is left, and when that was. */
  private record Bucket(double tokens, long at) {}

  /**
   * @param perSecond requests per key in the long run
   * @param burst requests at once
   */
  RateLimit(double perSecond, int burst, LongSupplier nanos) {
    this.perNano = perSecond / 1e9;
    this.burst = burst;
    this.nanos = nanos;
  }

  /** Whether that key may ask once more now. */
  synchronized boolean allows(String key) {
    long now = nanos.getAsLong();
    Bucket old = buckets.getOrDefault(key, new Bucket(burst, now));
    double tokens = Math.min(burst, old.tokens + (now - old.at) * perNano);
    if (buckets.size() >= MAX_BUCKETS && !buckets.containsKey(key)) {
      buckets.values().removeIf(bucket -> bucket.tokens + (now - bucket.at) * perNano >= burst);
    }
    buckets.put(key, new Bucket(tokens >= 1 ? tokens - 1 : tokens, now));
    return tokens >= 1;
  }
}
