package io.kvlane.router.routing;

import io.kvlane.locality.log.ReplicaState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The region's replicas as this router sees them. There are at most {@code index.maxReplicas}. */
final class FleetMetrics {
  private final Fleet fleet;
  private final List<Shown> shown = new ArrayList<>();
  private Map<Replica, Tags> known = Map.of();

  private record Shown(MultiGauge gauge, ToDoubleFunction<Replica> value) {}

  FleetMetrics(Fleet fleet, LocalityMap map, MeterRegistry registry) {
    this.fleet = fleet;
    Gauge.builder("kvlane.replicas", fleet, f -> f.all().size())
        .description("Replicas in the region")
        .register(registry);
    Gauge.builder("kvlane.replicas.healthy", fleet, FleetMetrics::healthy)
        .description("Replicas that take requests")
        .register(registry);
    show(registry, "healthy", "Whether it takes requests", r -> r.healthy() ? 1 : 0);
    show(registry, "requests", "In flight there, of all routers", r -> r.load().requests());
    show(
        registry,
        "waiting.tokens",
        "Tokens of prompts that wait there to be computed",
        r -> r.load().waitingTokens());
    show(registry, "engine.running", "In the engine's batch", r -> r.state().running());
    show(registry, "engine.waiting", "In the engine's queue", r -> r.state().waiting());
    show(
        registry,
        "epoch",
        "Life of its cache; a later one is a greater number",
        r -> r.state().epoch());
    show(registry, "cached.blocks", "Blocks that the index knows there", map::blocks);
    show(registry, "cache.fill", "Part of its cache that the index knows to be used", map::fill);
    show(
        registry, "breaker.open", "Whether it failed too often", r -> r.breaker().admits() ? 0 : 1);
  }

  private static long healthy(Fleet fleet) {
    return fleet.all().stream().filter(Replica::healthy).count();
  }

  private void show(
      MeterRegistry registry, String name, String description, ToDoubleFunction<Replica> value) {
    var gauge =
        MultiGauge.builder("kvlane.replica." + name).description(description).register(registry);
    shown.add(new Shown(gauge, value));
  }

  /** Shows the replicas that there are now; to be called now and then, by one thread. */
  void refresh() {
    List<Replica> replicas = fleet.all();
    Map<Replica, Tags> now =
        replicas.stream().collect(Collectors.toUnmodifiableMap(r -> r, FleetMetrics::tags));
    if (now.equals(known)) {
      return; // gauges that are made anew can be there twice for a moment, which spoils a scrape
    }
    known = now;
    for (Shown one : shown) {
      one.gauge.register(
          replicas.stream()
              .map(
                  replica ->
                      MultiGauge.Row.of(tags(replica), () -> one.value.applyAsDouble(replica)))
              .toList(),
          true);
    }
  }

  private static Tags tags(Replica replica) {
    ReplicaState state = replica.state();
    String model = state.models().isEmpty() ? "" : state.models().getFirst();
    return Tags.of("replica", replica.id(), "model", model);
  }
}
