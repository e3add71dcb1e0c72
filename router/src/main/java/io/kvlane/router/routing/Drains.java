package io.kvlane.router.routing;

import static io.kvlane.locality.log.DrainState.Action;
import static io.kvlane.locality.log.DrainState.Kind;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvlane.locality.log.DrainState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators have ordered for the region and its parts, as the region's map has it. Orders are
 * given and looked for by threads that may block; any thread may ask, and sees an immutable map
 * behind one volatile.
 *
 * <p>Each router runs the ramps by its own monotonic clock, from when it heard of the order. Only
 * of orders that it finds when it starts it takes the age by wall clocks.
 */
final class Drains {
  private static final Logger log = LoggerFactory.getLogger(Drains.class);
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** How long an order to resume is kept: until every router has run its ramp. */
  private static final long KEPT_MILLIS = 6 * DrainState.UP_MILLIS;

  private final String region;
  private final ConcurrentMap<String, String> shared;
  private final LongSupplier nanos;
  private final LongSupplier wallMillis;
  private boolean started;
  private volatile Map<String, Order> orders = Map.of();

  /** An order, and when its ramp began here. */
  record Order(DrainState state, long beganNanos) {
    double share(long now) {
      return state.share((now - beganNanos) / 1e6);
    }
  }

  /**
   * @param region this region's name
   * @param shared the region's map, from {@link DrainState#mapKey}
   * @param nanos a monotonic clock
   * @param wallMillis the time since 1970
   */
  Drains(
      String region,
      ConcurrentMap<String, String> shared,
      MeterRegistry registry,
      LongSupplier nanos,
      LongSupplier wallMillis) {
    this.region = region;
    this.shared = shared;
    this.nanos = nanos;
    this.wallMillis = wallMillis;
    for (Kind kind : Kind.values()) {
      Gauge.builder("kvlane.drained", this, drains -> drains.count(kind))
          .description("What operators have taken out of service, wholly or in part")
          .tag("kind", word(kind))
          .register(registry);
    }
  }

  private long count(Kind kind) {
    long now = nanos.getAsLong();
    return orders.values().stream().filter(o -> o.state.kind() == kind && o.share(now) < 1).count();
  }

  /** The parts for which an order stands, sorted. */
  List<String> names(Kind kind) {
    return orders.values().stream()
        .filter(order -> order.state.kind() == kind)
        .map(order -> order.state.name())
        .sorted()
        .toList();
  }

  /** What was ordered, null if nothing was. */
  @Nullable Order order(Kind kind, String name) {
    return orders.get(DrainState.mapKey(kind, name));
  }

  /** The share of requests for the model that the replica takes while others can, 0 to 1. */
  double share(String model, String replica, long now) {
    return orders.isEmpty()
        ? 1
        : Math.min(share(Kind.REPLICA, replica, now), poolShare(model, now));
  }

  /** The same of all replicas that serve the model. */
  double poolShare(String model, long now) {
    return Math.min(share(Kind.POOL, model, now), share(Kind.REGION, region, now));
  }

  /** The share of one part, whatever holds for what it is in. */
  double share(Kind kind, String name, long now) {
    Order order = order(kind, name);
    return order == null ? 1 : order.share(now);
  }

  /** Whether any order stands. */
  boolean any() {
    return !orders.isEmpty();
  }

  /** Whether the replica takes no request at all for the model. */
  boolean evacuated(String model, String replica) {
    return !orders.isEmpty()
        && (evacuated(Kind.REPLICA, replica)
            || evacuated(Kind.POOL, model)
            || evacuated(Kind.REGION, region));
  }

  private boolean evacuated(Kind kind, String name) {
    Order order = order(kind, name);
    return order != null && order.state.action() == Action.EVACUATE;
  }

  /** What takes the model's requests away, for people; of replicas only if nothing larger does. */
  String evacuation(String model) {
    return evacuated(Kind.REGION, region)
        ? "Region " + region + " is evacuated"
        : evacuated(Kind.POOL, model)
            ? "The model is evacuated from region " + region
            : "The model's replicas in region " + region + " are evacuated";
  }

  /**
   * Gives an order to all routers of the region; when this returns, it holds here and is kept by
   * two members of the cluster, if there are two. Repeats change nothing. Blocks.
   */
  synchronized void give(Kind kind, String name, Action action) {
    refresh();
    Order before = order(kind, name);
    if (before == null ? action == Action.RESUME : before.state.action() == action) {
      return;
    }
    double from = before == null ? 1 : before.share(nanos.getAsLong());
    var state = new DrainState(kind, name, action, from, wallMillis.getAsLong());
    try {
      shared.put(state.mapKey(), JSON.writeValueAsString(state));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    refresh();
  }

  /** Looks for what was ordered. Blocks. */
  synchronized void refresh() {
    Map<String, Order> before = orders;
    Map<String, Order> next = new HashMap<>();
    for (Map.Entry<String, String> entry : shared.entrySet()) {
      DrainState state = parse(entry.getKey(), entry.getValue());
      if (state == null) {
        continue;
      }
      Order known = before.get(entry.getKey());
      Order order = known != null && known.state.equals(state) ? known : heard(state);
      if (state.action() == Action.RESUME
          && nanos.getAsLong() - order.beganNanos > KEPT_MILLIS * 1_000_000) {
        shared.remove(entry.getKey(), entry.getValue());
      } else {
        next.put(entry.getKey(), order);
      }
    }
    before.forEach(
        (key, order) -> {
          if (!next.containsKey(key)) {
            log.info("{} is in full service", name(order.state));
          }
        });
    orders = Map.copyOf(next);
    started = true;
  }

  private Order heard(DrainState state) {
    long age = started ? 0 : Math.max(0, wallMillis.getAsLong() - state.since());
    log.info("{}: {}", name(state), word(state.action()));
    return new Order(state, nanos.getAsLong() - age * 1_000_000);
  }

  private static @Nullable DrainState parse(String key, String json) {
    try {
      @Nullable DrainState state = JSON.readValue(json, DrainState.class);
      if (state != null && state.action() != null && key.equals(state.mapKey())) {
        return state;
      }
      log.warn("Skipped the order {}: it does not say what to do there", key);
    } catch (JsonProcessingException e) {
      log.warn("Skipped the order {}: {}", key, e.toString());
    }
    return null;
  }

  private static String name(DrainState state) {
    return word(state.kind()) + ' ' + state.name();
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
