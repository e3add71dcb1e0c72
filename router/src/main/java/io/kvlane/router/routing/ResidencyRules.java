package io.kvlane.router.routing;

import io.kvlane.locality.prefix.ResidencyClass;
import io.kvlane.router.config.RouterConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which regions may hear of which cache entries. A class that no tenant here has may be told
 * nobody: some other router may know a rule that this one does not. Immutable; safe for any thread.
 */
final class ResidencyRules {
  private final Map<Integer, Set<String>> allowed = new HashMap<>();

  ResidencyRules(List<RouterConfig.Tenant> tenants) {
    for (RouterConfig.Tenant tenant : tenants) {
      Set<String> regions = Set.copyOf(tenant.regions());
      if (!regions.isEmpty()) {
        allowed.merge(
            ResidencyClass.ofRegions(regions),
            regions,
            (a, b) -> {
              Set<String> both = new HashSet<>(a);
              both.retainAll(b);
              return both;
            });
      }
    }
  }

  /** Whether a region may hear of a block. */
  boolean may(String region, long key) {
    int residency = ResidencyClass.ofKey(key);
    return residency == ResidencyClass.NONE
        || allowed.getOrDefault(residency, Set.of()).contains(region);
  }
}
