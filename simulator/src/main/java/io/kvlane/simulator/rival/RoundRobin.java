package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/** Round robin: one after the other, whatever the request and the load. */
final class RoundRobin extends LocalPolicy {
  private int turn;

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    return new Choice.Replica(candidates[turn++ % candidates.length], 0);
  }
}
