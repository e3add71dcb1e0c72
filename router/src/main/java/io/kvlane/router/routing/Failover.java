package io.kvlane.router.routing;

import io.kvlane.router.policy.Policy;
import java.util.ArrayList;
import java.util.List;

/** What a policy leaves of the places that may be tried one after the other. */
final class Failover {
  private Failover() {}

  /**
   * The first place stays, and so does this region's best one for a request that went elsewhere
   * first.
   */
  static List<? extends LiveRoute.Option> of(
      Policy.Failover failover, String region, List<? extends LiveRoute.Option> options) {
    if (failover.otherReplicas() && failover.otherRegions()) {
      return options;
    }
    List<LiveRoute.Option> left = new ArrayList<>();
    boolean here = false;
    for (LiveRoute.Option option : options) {
      boolean own = option.region().equals(region);
      if (left.isEmpty() || (own ? failover.otherReplicas() || !here : failover.otherRegions())) {
        left.add(option);
      }
      here |= own;
    }
    return left;
  }
}
