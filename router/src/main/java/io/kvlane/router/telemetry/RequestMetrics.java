package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Route;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Counts and times requests. Labels are bounded: a model that nobody serves is {@code other}. Safe
 * for any thread.
 */
public final class RequestMetrics {
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(200),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofSeconds(120)
  };

  private record RequestKey(String route, int statusClass, String decision) {}

  private record ModelKey(String meter, String model) {}

  private final MeterRegistry registry;
  private final Predicate<String> knownModel;
  private final Map<RequestKey, Counter> requests = new ConcurrentHashMap<>();
  private final Map<String, Counter> attempts = new ConcurrentHashMap<>();
  private final Map<ModelKey, Counter> tokens = new ConcurrentHashMap<>();
  private final Map<ModelKey, Timer> timers = new ConcurrentHashMap<>();
  private final Counter disconnects;
  private final Counter forged;

  /**
   * @param knownModel whether a model may appear as a label
   */
  public RequestMetrics(MeterRegistry registry, Predicate<String> knownModel) {
    this.registry = registry;
    this.knownModel = knownModel;
    this.disconnects =
        Counter.builder("kvlane.client.disconnects")
            .description("Clients that left before their answer was complete")
            .register(registry);
    this.forged =
        Counter.builder("kvlane.requests.forged")
            .description("Requests refused because they pretend to be somebody by a header")
            .register(registry);
  }

  /** Shows two counts as gauges. */
  public void gauges(Supplier<Number> inFlight, Supplier<Number> queued, Supplier<Number> bytes) {
    Gauge.builder("kvlane.requests.in.flight", inFlight)
        .description("Requests let through to replicas and not yet over")
        .register(registry);
    Gauge.builder("kvlane.requests.queued", queued)
        .description("Requests that wait for a replica")
        .register(registry);
    Gauge.builder("kvlane.bodies.buffered", bytes)
        .baseUnit("bytes")
        .description("Bytes of request bodies held in memory")
        .register(registry);
  }

  /** A request was answered, by an engine or by an error. */
  public void answered(String route, int status, String decision) {
    var key = new RequestKey(route, status / 100, decision);
    Counter counter = requests.get(key);
    if (counter == null) {
      counter =
          requests.computeIfAbsent(
              key,
              k ->
                  Counter.builder("kvlane.requests")
                      .description("Requests answered")
                      .tag("route", k.route())
                      .tag("status", k.statusClass() + "xx")
                      .tag("decision", k.decision())
                      .register(registry));
    }
    counter.increment();
  }

  /** An attempt at a replica ended. */
  public void attempt(String outcome) {
    Counter counter = attempts.get(outcome);
    if (counter == null) {
      counter =
          attempts.computeIfAbsent(
              outcome,
              k ->
                  Counter.builder("kvlane.attempts")
                      .description("Attempts at replicas by how they ended")
                      .tag("outcome", k)
                      .register(registry));
    }
    counter.increment();
  }

  /** A client set a header that only routers may set. */
  public void forged() {
    forged.increment();
  }

  /** A client left. */
  public void disconnected() {
    disconnects.increment();
  }

  /** The first byte of an answer went out {@code nanos} after the request had come. */
  public void firstByte(String model, long nanos) {
    timer("kvlane.ttft", "Time from a request to its answer's first byte", model)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** An answer was complete {@code nanos} after the request had come. */
  public void complete(String model, long nanos) {
    timer("kvlane.duration", "Time from a request to its answer's end", model)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** What routing believed and what the engine reported of one answered request. */
  public void tokens(String model, int predictedCached, Route.Usage usage) {
    count("kvlane.cached.tokens.predicted", model, predictedCached);
    count("kvlane.cached.tokens.reported", model, usage.cachedTokens());
    count("kvlane.prompt.tokens", model, usage.promptTokens());
    count("kvlane.output.tokens", model, usage.outputTokens());
  }

  private void count(String meter, String model, int amount) {
    if (amount > 0) {
      var key = new ModelKey(meter, known(model));
      Counter counter = tokens.get(key);
      if (counter == null) {
        counter =
            tokens.computeIfAbsent(
                key, k -> Counter.builder(meter).tag("model", k.model()).register(registry));
      }
      counter.increment(amount);
    }
  }

  private Timer timer(String meter, String description, String model) {
    var key = new ModelKey(meter, known(model));
    Timer timer = timers.get(key);
    return timer != null
        ? timer
        : timers.computeIfAbsent(
            key,
            k ->
                Timer.builder(meter)
                    .description(description)
                    .tag("model", k.model())
                    .serviceLevelObjectives(LATENCIES)
                    .register(registry));
  }

  private String known(String model) {
    return knownModel.test(model) ? model : "other";
  }
}
