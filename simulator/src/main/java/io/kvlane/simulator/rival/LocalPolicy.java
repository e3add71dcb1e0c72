package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;

/**
 * A policy that knows nothing of regions. It chooses among the healthy replicas of its own; without
 * any, requests fail over to the nearest other region, as a load balancer in front would do it.
 */
abstract class LocalPolicy implements RoutingPolicy {

  @Override
  public final Choice route(Request request, boolean forwarded, RouterView view) {
    int[] candidates = Candidates.healthy(view);
    return candidates.length == 0
        ? Candidates.elsewhere(forwarded, view)
        : choose(request, candidates, view);
  }

  /**
   * Chooses the replica, and takes note of it.
   *
   * @param candidates at least one, ascending
   */
  abstract Choice.Replica choose(Request request, int[] candidates, RouterView view);
}
