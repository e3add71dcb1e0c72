package io.kvlane.router.routing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks once more at each attempt before it goes out, behind all rules that have chosen its place.
 * {@code kvlane.residency.violations} stays at zero unless one of those rules is wrong; even then
 * nothing goes out. Safe for any thread.
 */
final class ResidencyAudit {
  private final MeterRegistry registry;
  private final Map<String, Counter> leftOut = new ConcurrentHashMap<>();
  private final Counter checked;
  private final Counter violations;
  private final Counter refused;

  ResidencyAudit(MeterRegistry registry) {
    this.registry = registry;
    checked =
        Counter.builder("kvlane.residency.attempts")
            .description("Attempts of requests that only some regions may serve")
            .register(registry);
    violations =
        Counter.builder("kvlane.residency.violations")
            .description("Attempts that were stopped because their region is not allowed")
            .register(registry);
    refused =
        Counter.builder("kvlane.residency.refused")
            .description("Requests refused because no allowed region can serve them")
            .register(registry);
  }

  /** Whether a region may be thought of at all for the request, whatever it would cost. */
  boolean allows(RequestFacts facts, String region) {
    boolean allowed = facts.mayUse(region);
    if (!allowed) {
      leftOut
          .computeIfAbsent(
              region,
              name ->
                  Counter.builder("kvlane.residency.candidates.refused")
                      .description("Times a region was left out because it is not allowed")
                      .tag("to", name)
                      .register(registry))
          .increment();
    }
    return allowed;
  }

  /** Whether an attempt may go to that region. */
  boolean passes(RequestFacts facts, String region) {
    if (facts.regions() == null) {
      return true;
    }
    checked.increment();
    boolean allowed = facts.mayUse(region);
    if (!allowed) {
      violations.increment();
    }
    return allowed;
  }

  /** A request could not be served where it may be. */
  void refused() {
    refused.increment();
  }
}
