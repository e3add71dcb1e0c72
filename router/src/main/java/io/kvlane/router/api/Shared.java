package io.kvlane.router.api;

import io.kvlane.router.admission.Admission;
import io.kvlane.router.admission.RetryBudgets;
import io.kvlane.router.admission.Tenants;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.routing.PoolSettings;
import io.kvlane.router.routing.Routing;
import io.kvlane.router.telemetry.Insight;
import io.kvlane.router.telemetry.RequestMetrics;
import io.kvlane.router.telemetry.Tracing;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops of a router have in common.
 *
 * @param link the other regions, null if there are none
 * @param connections open connections of all loops
 * @param draining whether the router is stopping
 */
record Shared(
    RouterConfig config,
    Routing routing,
    Admission admission,
    Tenants tenants,
    RequestMetrics metrics,
    Tracing tracing,
    BodyBudget budget,
    @Nullable Link link,
    Control control,
    Insight insight,
    RetryBudgets retries,
    PoolSettings pools,
    AtomicInteger connections,
    AtomicBoolean draining) {

  /** Whether requests have a chance: some replica is healthy, or none is known yet. */
  boolean ready() {
    if (draining.get()) {
      return false;
    }
    var models = routing.models();
    return models.isEmpty() || models.stream().anyMatch(model -> routing.capacity(model) > 0);
  }
}
