package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * {@code prefix_hash} of sglang-router and smg, from its source: the first 256 tokens are hashed to
 * a ring. The replica found there is overloaded if its load, which is the router's own requests in
 * flight, is more than 1.25 (total + 1) / n; then the least loaded takes the request, not the next
 * on the ring. Here the prefix is the whole blocks of the first 256 tokens, at least one.
 */
final class SglangPrefixHash extends LocalPolicy {
  private static final int PREFIX_TOKENS = 256;
  private static final double LOAD_FACTOR = 1.25;

  private final Ring ring;
  private final InFlight inFlight;
  private final int prefixBlocks;

  SglangPrefixHash(FleetSpec spec, int region) {
    ring = new Ring(Candidates.of(spec, region));
    inFlight = new InFlight(spec);
    prefixBlocks = Math.max(1, PREFIX_TOKENS / spec.engine().blockTokens());
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int total = 0;
    int least = candidates[0];
    for (int replica : candidates) {
      total += inFlight.requests(replica);
      if (inFlight.requests(replica) < inFlight.requests(least)) {
        least = replica;
      }
    }
    int chosen =
        ring.next(
            Candidates.head(request, prefixBlocks), node -> Candidates.contains(candidates, node));
    double most = LOAD_FACTOR * (total + 1) / candidates.length;
    if (inFlight.requests(chosen) > most) {
      chosen = least;
    }
    inFlight.dispatched(request, chosen, request.promptTokens());
    return new Choice.Replica(chosen, 0);
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    inFlight.ended(request);
  }
}
