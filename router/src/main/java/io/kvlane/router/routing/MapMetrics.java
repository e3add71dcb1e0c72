package io.kvlane.router.routing;

import io.kvlane.locality.digest.DigestIndex;
import io.kvlane.locality.digest.DigestLog;
import io.kvlane.locality.index.PrefixIndex;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** How well this router's copy of the locality map follows the region's log. */
final class MapMetrics {
  private final MeterRegistry registry;
  private final Counter epochs;
  private final Counter gaps;
  private final Counter recoveries;
  private final Counter damaged;
  private final Timer lag;

  MapMetrics(MeterRegistry registry) {
    this.registry = registry;
    epochs = counter("kvlane.map.epochs", "New lives of replicas' caches");
    gaps = counter("kvlane.map.gaps", "Holes in replicas' logs");
    recoveries = counter("kvlane.map.recoveries", "Rebuilds of one replica from snapshot and log");
    damaged = counter("kvlane.map.damaged", "Frames that could not be read");
    lag =
        Timer.builder("kvlane.map.lag")
            .description("From a frame's writing to its folding, by the writers' clocks")
            .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  void indexes(PrefixIndex tokens, PrefixIndex text) {
    index("tokens", tokens);
    index("text", text);
  }

  private void index(String space, PrefixIndex index) {
    Gauge.builder("kvlane.index.blocks", index, PrefixIndex::blocks)
        .description("Distinct blocks in the index")
        .tag("space", space)
        .register(registry);
    Gauge.builder("kvlane.index.bytes", index, PrefixIndex::bytes)
        .description("Size of the index")
        .baseUnit("bytes")
        .tag("space", space)
        .register(registry);
    FunctionCounter.builder("kvlane.index.evictions", index, PrefixIndex::evictions)
        .description("Blocks that had to make room in the index")
        .tag("space", space)
        .register(registry);
  }

  void appeared(DigestLog log) {
    FunctionCounter.builder("kvlane.map.appeared", log, DigestLog::appeared)
        .description("Blocks of which a first copy came into being in the region")
        .register(registry);
  }

  void digests(DigestIndex digests) {
    Gauge.builder("kvlane.digest.blocks", digests, DigestIndex::blocks)
        .description("Blocks that the other regions' digests consist of")
        .register(registry);
    Gauge.builder("kvlane.digest.memory", digests, DigestIndex::bytes)
        .description("Size of the other regions' digests")
        .baseUnit("bytes")
        .register(registry);
  }

  void epoch() {
    epochs.increment();
  }

  void gap() {
    gaps.increment();
  }

  void recovery() {
    recoveries.increment();
  }

  void damaged() {
    damaged.increment();
  }

  void lag(long millis) {
    lag.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
  }
}
