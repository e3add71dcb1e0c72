package io.kvlane.router.routing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** How fresh the other regions' digests are, and what they cost. */
final class DigestMetrics {
  private final MeterRegistry registry;
  private final Timer lag;

  DigestMetrics(MeterRegistry registry) {
    this.registry = registry;
    lag =
        Timer.builder("kvlane.digest.lag")
            .description("Age that other regions' digests had when they were renewed")
            .publishPercentiles(0.5, 0.99)
            .register(registry);
  }

  void age(String region, DigestCopy copy) {
    Gauge.builder("kvlane.digest.age", copy, c -> c.ageMillis(System.nanoTime()) / 1e3)
        .description("Age of what is known of the region's caches")
        .baseUnit("seconds")
        .tag("from", region)
        .register(registry);
  }

  void forget(String region) {
    registry.getMeters().stream()
        .filter(meter -> region.equals(meter.getId().getTag("from")))
        .forEach(registry::remove);
  }

  void lag(long millis) {
    lag.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
  }

  /** This router has fetched a part of a digest. */
  void fetched(String region, int bytes) {
    counter("kvlane.digest.fetches", "Times that this router asked for a digest", region)
        .increment();
    counter("kvlane.digest.bytes", "Bytes of digests that this router was told", region)
        .increment(bytes);
  }

  /** A digest was believed; {@code over}: the engine reported fewer cached tokens. */
  void predicted(boolean over) {
    Counter.builder("kvlane.digest.predictions")
        .description("Prompts sent to where a digest said that they are cached")
        .tag("result", over ? "over" : "right")
        .register(registry)
        .increment();
  }

  private Counter counter(String name, String description, String region) {
    return Counter.builder(name).description(description).tag("from", region).register(registry);
  }
}
