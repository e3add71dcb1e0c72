package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Route;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Times answers, by decision and by how much of the prompt was cached (TRC-5). Safe for any thread.
 */
final class LatencyMetrics {
  /** From that part of the prompt on it counts as cached. */
  private static final double MOST = 0.8;

  private record Key(String meter, String model, String decision, String cached) {}

  private final MeterRegistry registry;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  LatencyMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * @param model the request's, as a label
   */
  void finished(Finished request, String model) {
    if (request.status() >= 300) {
      return;
    }
    record(
        "gen_ai.server.request.duration",
        "Time from a request to its answer's end",
        Buckets.REQUEST,
        request,
        model,
        request.totalNanos());
    if (request.firstByteNanos() > 0) {
      record(
          "gen_ai.server.time_to_first_token",
          "Time from a request to its answer's first byte",
          Buckets.FIRST_TOKEN,
          request,
          model,
          request.firstByteNanos());
      int tokens = request.usage().outputTokens();
      if (request.stream() && tokens > 1) {
        record(
            "gen_ai.server.time_per_output_token",
            "Time for each token of a stream behind the first",
            Buckets.TOKEN,
            request,
            model,
            (request.totalNanos() - request.firstByteNanos()) / (tokens - 1));
      }
    }
  }

  private void record(
      String meter,
      String description,
      Duration[] bounds,
      Finished request,
      String model,
      long nanos) {
    var key = new Key(meter, model, request.decision(), cached(request.usage()));
    Timer timer = timers.get(key);
    if (timer == null) {
      timer =
          timers.computeIfAbsent(
              key,
              k ->
                  Timer.builder(meter)
                      .description(description)
                      .tags(
                          Tags.of(
                              "gen_ai.request.model",
                              k.model(),
                              "decision",
                              k.decision(),
                              "cached",
                              k.cached()))
                      .serviceLevelObjectives(bounds)
                      .register(registry));
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  private static String cached(Route.Usage usage) {
    if (usage.cachedTokens() < 0 || usage.promptTokens() <= 0) {
      return "unknown";
    }
    double share = (double) usage.cachedTokens() / usage.promptTokens();
    return share >= MOST ? "most" : share > 0 ? "part" : "none";
  }
}
