package io.kvlane.router.telemetry;

import io.kvlane.router.telemetry.cache.Caches;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Counts and times requests. Labels are bounded: what clients make up is {@code other}. Safe for
 * any thread.
 */
public final class RequestMetrics {
  private record RequestKey(String route, int statusClass, String decision, boolean forwarded) {}

  private record Way(String to, String decision) {}

  /** What went to another region. */
  private final class Forwards {
    private final Counter requests;
    private final Counter tokens;
    private final Counter bytes;

    Forwards(Way way) {
      requests = counter(way, "requests", "Requests sent to other regions");
      tokens = counter(way, "tokens", "Tokens of prompts sent to other regions");
      bytes = counter(way, "bytes", "Bytes of requests sent to other regions");
    }

    private Counter counter(Way way, String what, String description) {
      return Counter.builder("kvlane.forwarded." + what)
          .description(description)
          .tags("to", way.to, "decision", way.decision)
          .register(registry);
    }

    void add(Finished request) {
      requests.increment();
      tokens.increment(Math.max(0, request.usage().promptTokens()));
      bytes.increment(request.bodyBytes());
    }
  }

  private final MeterRegistry registry;
  private final boolean enabled;
  private final Labels labels;
  private final Prices prices;
  private final Caches caches;
  private final TokenMetrics tokens;
  private final LatencyMetrics latencies;
  private final StageMetrics stages;
  private final Map<RequestKey, Counter> requests = new ConcurrentHashMap<>();
  private final Map<String, Counter> attempts = new ConcurrentHashMap<>();
  private final Map<Way, Forwards> forwards = new ConcurrentHashMap<>();
  private final Counter disconnects;
  private final Counter forged;

  /**
   * @param enabled whether requests are counted and timed at all
   * @param knownModel whether a model may appear as a label
   * @param caches told of requests of this region's clients
   */
  public RequestMetrics(
      MeterRegistry registry,
      boolean enabled,
      Predicate<String> knownModel,
      Prices prices,
      Caches caches) {
    this.registry = registry;
    this.enabled = enabled;
    this.labels = new Labels(knownModel);
    this.prices = prices;
    this.caches = caches;
    this.tokens = new TokenMetrics(registry);
    this.latencies = new LatencyMetrics(registry);
    this.stages = new StageMetrics(registry);
    this.disconnects =
        Counter.builder("kvlane.client.disconnects")
            .description("Clients that left before their answer was complete")
            .register(registry);
    this.forged =
        Counter.builder("kvlane.requests.forged")
            .description("Requests refused because they pretend to be somebody by a header")
            .register(registry);
  }

  /** Shows counts as gauges, and whether requests should be sent here. */
  public void gauges(
      Supplier<Number> inFlight,
      Supplier<Number> queued,
      Supplier<Number> bytes,
      BooleanSupplier ready) {
    Gauge.builder("kvlane.ready", () -> ready.getAsBoolean() ? 1 : 0)
        .description("Whether requests should be sent to this router, as /ready says")
        .register(registry);
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

  /**
   * A request was answered, by an engine or by an error.
   *
   * @param forwarded whether another region's router has sent it
   */
  public void answered(String route, int status, String decision, boolean forwarded) {
    if (!enabled) {
      return;
    }
    var key = new RequestKey(route, status / 100, decision, forwarded);
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
                      .tag("from", k.forwarded() ? "region" : "client")
                      .register(registry));
    }
    counter.increment();
  }

  /**
   * A request was answered by no engine, though it was understood. {@link #answered} counts it.
   *
   * @param region this router's
   */
  public void failed(String model, String tenant, String region) {
    if (enabled) {
      caches.failed(labels.model(model), labels.tenant(tenant), region);
    }
  }

  /** An answer that had begun is over. */
  public void finished(Finished request, RequestTrace trace) {
    if (!enabled) {
      return;
    }
    Exemplars.during(
        trace,
        () -> {
          answered(request.route(), request.status(), request.decision(), request.forwarded());
          String model = labels.model(request.model());
          // Who comes by another region does not show here, and must not take a label.
          String tenant = request.forwarded() ? Labels.OTHER : labels.tenant(request.tenant());
          double saved =
              prices.savedMicroUsd(request.model(), Math.max(0, request.usage().cachedTokens()));
          latencies.finished(request, model);
          tokens.finished(request, model, tenant, saved);
          if (!request.forwarded()) {
            caches.finished(request, model, tenant, saved);
          }
        });
    if (request.decision().equals("forward") || request.replica().isEmpty()) {
      forwards
          .computeIfAbsent(new Way(request.region(), request.decision()), Forwards::new)
          .add(request);
    }
  }

  /** A request is over, whatever became of it, that has gone this way. */
  public void passed(Timeline way) {
    if (enabled) {
      stages.passed(way);
    }
  }

  /**
   * An event loop got to its regular work.
   *
   * @param nanos by how much too late; 0 or more
   */
  public void loopLag(long nanos) {
    stages.loopLag(nanos);
  }

  /** An attempt at a replica ended. */
  public void attempt(String outcome) {
    if (!enabled) {
      return;
    }
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
}
