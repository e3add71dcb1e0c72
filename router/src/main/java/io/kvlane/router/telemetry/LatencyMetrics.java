package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Route;
import io.micrometer.core.instrument.MeterRegistry;
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

  private final MeterRegistry registry;
  private final Map<Key, Timers> timers = new ConcurrentHashMap<>();

  private record Key(String model, String decision, String cached) {}

  private final class Timers {
    private final Timer request;
    private final Timer firstToken;
    private final Timer token;

    Timers(Key of) {
      request =
          timer(
              of,
              "gen_ai.server.request.duration",
              "Time from a request to its answer's end",
              Buckets.REQUEST);
      firstToken =
          timer(
              of,
              "gen_ai.server.time_to_first_token",
              "Time from a request to its answer's first byte",
              Buckets.FIRST_TOKEN);
      token =
          timer(
              of,
              "gen_ai.server.time_per_output_token",
              "Time for each token of a stream behind the first",
              Buckets.TOKEN);
    }

    private Timer timer(Key of, String meter, String description, Duration[] bounds) {
      return Timer.builder(meter)
          .description(description)
          .tags("gen_ai.request.model", of.model, "decision", of.decision, "cached", of.cached)
          .serviceLevelObjectives(bounds)
          .register(registry);
    }
  }

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
    var key = new Key(model, request.decision(), cached(request.usage()));
    Timers of = timers.computeIfAbsent(key, Timers::new);
    of.request.record(request.totalNanos(), TimeUnit.NANOSECONDS);
    if (request.firstByteNanos() > 0) {
      of.firstToken.record(request.firstByteNanos(), TimeUnit.NANOSECONDS);
      int tokens = request.usage().outputTokens();
      if (request.stream() && tokens > 1) {
        long rest = request.totalNanos() - request.firstByteNanos();
        of.token.record(rest / (tokens - 1), TimeUnit.NANOSECONDS);
      }
    }
  }

  private static String cached(Route.Usage usage) {
    if (usage.cachedTokens() < 0 || usage.promptTokens() <= 0) {
      return "unknown";
    }
    double share = (double) usage.cachedTokens() / usage.promptTokens();
    return share >= MOST ? "most" : share > 0 ? "part" : "none";
  }
}
