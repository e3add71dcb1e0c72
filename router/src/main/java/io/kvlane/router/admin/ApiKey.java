package io.kvlane.router.admin;

import java.time.Instant;
import java.util.Set;

/**
 * Who may use the admin API.
 *
 * @param id its name, for the audit log
 * @param hash SHA-256 of the key, 64 hex digits: the key itself is nowhere
 * @param tenants whose policies it is for; empty for all
 * @param regions in which it may give orders; empty for all. One that is for some regions only
 *     cannot write resources: those hold in all regions
 * @param expiresAt from when on it is no key
 */
public record ApiKey(
    String id,
    String hash,
    Role role,
    Set<String> tenants,
    Set<String> regions,
    Instant expiresAt) {
  /** What a key may do; each may what those before it may. */
  public enum Role {
    VIEWER,
    OPERATOR,
    ADMIN
  }

  public ApiKey {
    tenants = Set.copyOf(tenants);
    regions = Set.copyOf(regions);
  }

  boolean may(Role needed) {
    return role.compareTo(needed) >= 0;
  }

  boolean scoped() {
    return !tenants.isEmpty();
  }

  boolean mayOrderIn(String region) {
    return regions.isEmpty() || regions.contains(region);
  }
}
