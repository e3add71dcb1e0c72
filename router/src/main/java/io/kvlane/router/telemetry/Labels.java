package io.kvlane.router.telemetry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Keeps what clients send from becoming series: a model that nobody serves is {@code other}, and so
 * are tenants beyond a cap. Safe for any thread.
 */
final class Labels {
  static final String OTHER = "other";

  /** So many tenants have series of their own, those that came first. */
  static final int MOST_TENANTS = 100;

  private final Predicate<String> knownModel;
  private final Set<String> tenants = ConcurrentHashMap.newKeySet();

  /**
   * @param knownModel whether a model may appear as a label
   */
  Labels(Predicate<String> knownModel) {
    this.knownModel = knownModel;
  }

  String model(String model) {
    return knownModel.test(model) ? model : OTHER;
  }

  /** {@code none} for requests of nobody in particular. */
  String tenant(String tenant) {
    if (tenant.isEmpty()) {
      return "none";
    }
    if (tenants.contains(tenant)) {
      return tenant;
    }
    synchronized (tenants) {
      return tenants.size() < MOST_TENANTS && tenants.add(tenant) ? tenant : OTHER;
    }
  }
}
