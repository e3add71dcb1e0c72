package io.kvlane.router.admission;

import java.util.Set;

/**
 * Who asks.
 *
 * @param name empty for nobody in particular
 * @param cacheSalt what keeps its cache entries apart, as engines get it; empty for none. A secret
 * @param regions where its requests may be served, empty for anywhere
 */
public record Tenant(String name, String cacheSalt, Set<String> regions) {
  /** Nobody in particular. */
  static final Tenant ANYBODY = new Tenant("", "", Set.of());

  public Tenant {
    regions = Set.copyOf(regions);
  }

  /** Leaves the salt out: it is a secret. */
  @Override
  public String toString() {
    return "Tenant[" + name + ", " + regions + ']';
  }
}
