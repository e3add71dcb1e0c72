package io.kvlane.router.policy;

import java.util.List;

/**
 * Who asks. Secrets (keys, the cache salt) are not here: they stay in the router's configuration.
 *
 * @param allowedRegions where its requests may be served, empty for anywhere
 * @param weight its share when replicas are scarce, against the others', 1 to 1000
 * @param maxConcurrent requests under way per region, 0 for no limit
 */
public record TenantSpec(
    String id, String description, List<String> allowedRegions, int weight, int maxConcurrent)
    implements Resource {

  /** What holds where a tenant leaves a field out. */
  static final TenantSpec DEFAULTS = new TenantSpec("", "", List.of(), 1, 0);

  public TenantSpec {
    allowedRegions = List.copyOf(allowedRegions);
  }
}
