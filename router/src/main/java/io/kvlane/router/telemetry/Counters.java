package io.kvlane.router.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counters that are made when they are needed, and found again. Safe for any thread. */
final class Counters {
  private record Key(String meter, Tags tags) {}

  private final MeterRegistry registry;
  private final Map<Key, Counter> known = new ConcurrentHashMap<>();

  Counters(MeterRegistry registry) {
    this.registry = registry;
  }

  void add(String meter, String description, Tags tags, double amount) {
    var key = new Key(meter, tags);
    Counter counter = known.get(key);
    if (counter == null) {
      counter =
          known.computeIfAbsent(
              key,
              k ->
                  Counter.builder(meter)
                      .description(description)
                      .tags(k.tags())
                      .register(registry));
    }
    counter.increment(amount);
  }
}
