package io.kvlane.router.tls;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.function.Supplier;

/** Shows when certificates expire. */
public final class ExpiryMetric {
  private ExpiryMetric() {}

  /**
   * Shows it.
   *
   * @param use what the certificate is for: {@code link} or {@code admin}
   * @param expires that of now; asked by any thread
   */
  public static void register(String use, Supplier<Instant> expires, MeterRegistry registry) {
    Gauge.builder("kvlane.certificate.expiry.timestamp", () -> expires.get().getEpochSecond())
        .description("When the router's certificate expires, or one that it shows with it")
        .baseUnit("seconds")
        .tag("use", use)
        .register(registry);
  }
}
