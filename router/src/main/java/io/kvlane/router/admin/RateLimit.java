package io.kvlane.router.admin;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** A token bucket per key; there are as many buckets as keys. Safe for any thread. */
final class RateLimit {
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
    buckets.put(key, new Bucket(tokens >= 1 ? tokens - 1 : tokens, now));
    return tokens >= 1;
  }
}
