package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * Least load: the fewest requests in flight, own and as other routers last told. Equals take turns,
 * as in HAProxy's {@code leastconn}.
 */
final class LeastLoad extends LocalPolicy {
  private int turn;

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int first = turn++ % candidates.length;
    int least = candidates[first];
    for (int i = 1; i < candidates.length; i++) {
      int replica = candidates[(first + i) % candidates.length];
      if (view.requests(replica) < view.requests(least)) {
        least = replica;
      }
    }
    return new Choice.Replica(least, 0);
  }
}
