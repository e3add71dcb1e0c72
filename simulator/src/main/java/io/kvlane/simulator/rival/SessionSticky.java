package io.kvlane.simulator.rival;

import com.dynatrace.hash4j.hashing.Hashing;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * Session affinity: the replica with the highest hash of session and replica, by rendezvous hashing
 * [1]. Load is ignored.
 *
 * <p>[1] D. Thaler, C. Ravishankar, IEEE/ACM ToN 6(1), 1998.
 */
final class SessionSticky extends LocalPolicy {
  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int best = candidates[0];
    for (int replica : candidates) {
      if (weight(request, replica) > weight(request, best)) {
        best = replica;
      }
    }
    return new Choice.Replica(best, 0);
  }

  private static long weight(Request request, int replica) {
    return Hashing.xxh3_64().hashLongLongToLong(request.session(), replica);
  }
}
