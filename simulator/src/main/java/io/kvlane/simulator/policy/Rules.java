package io.kvlane.simulator.policy;

import io.kvlane.locality.decision.Policy;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operator says of a request.
 *
 * @param bounds of the decision within a region
 * @param crosses whether it may go to another region although its own can serve it
 * @param regions where it may be served, from 0; null for anywhere
 */
public record Rules(Policy bounds, boolean crosses, @Nullable Set<Integer> regions) {
  /** Nothing in particular. */
  public static final Rules DEFAULT = new Rules(Policy.DEFAULT, true, null);

  boolean allows(int region) {
    return regions == null || regions.contains(region);
  }
}
