package io.kvlane.router.telemetry;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.stream.IntStream;

/**
 * Bounds of histograms.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">OpenTelemetry's
 *     conventions for metrics of generative AI</a>
 */
final class Buckets {
  /** 1 to 67,108,864, each four times the one before. */
  static final double[] TOKENS = IntStream.range(0, 14).mapToDouble(i -> 1L << (2 * i)).toArray();

  /** Of whole requests: 10 ms to 81.92 s, each twice the one before. */
  static final Duration[] REQUEST = doubling(10, 14);

  /** Of first tokens. */
  static final Duration[] FIRST_TOKEN =
      millis(1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000, 30_000);

  /** Of one more token. */
  static final Duration[] TOKEN =
      millis(10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 2500);

  /** Of a stage in the router: 50 us to 5 s. */
  static final Duration[] STAGE =
      micros(
          50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
          1_000_000, 5_000_000);

  private Buckets() {}

  private static Duration[] doubling(long first, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Duration.ofMillis(first << i))
        .toArray(Duration[]::new);
  }

  private static Duration[] micros(int... bounds) {
    return IntStream.of(bounds)
        .mapToObj(micros -> Duration.of(micros, ChronoUnit.MICROS))
        .toArray(Duration[]::new);
  }

  private static Duration[] millis(int... bounds) {
    return IntStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }
}
