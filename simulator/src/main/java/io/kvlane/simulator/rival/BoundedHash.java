package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * Consistent hashing with bounded loads [1]: the prompt's first two blocks are hashed to a ring; of
 * the replicas clockwise from there, the first with room takes the request. With m requests in
 * flight on n replicas each has room for ceil(c (m + 1) / n). c = 1.25 is the customary choice, and
 * two blocks because one would be everybody's system prompt.
 *
 * <p>[1] V. Mirrokni, M. Thorup, M. Zadimoghaddam, arXiv 1608.01350.
 */
final class BoundedHash extends LocalPolicy {
  private static final int BLOCKS = 2;
  private static final double C = 1.25;

  private final Ring ring;

  BoundedHash(FleetSpec spec, int region) {
    ring = new Ring(Candidates.of(spec, region));
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    long inFlight = 0;
    for (int replica : candidates) {
      inFlight += view.requests(replica);
    }
    double capacity = Math.ceil(C * (inFlight + 1) / candidates.length);
    int replica =
        ring.next(
            Candidates.head(request, BLOCKS),
            node -> Candidates.contains(candidates, node) && view.requests(node) < capacity);
    return new Choice.Replica(replica, 0);
  }
}
