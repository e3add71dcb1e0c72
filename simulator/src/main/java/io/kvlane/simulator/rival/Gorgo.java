package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;

/**
 * GORGO [1]: v1's rule between regions, its proxy's cost within one.
 *
 * <ul>
 *   <li>Local: the replica with the least t_p u + t_p (f x running tokens + queued tokens). The
 *       proxy adds the RTT, which is the same for all replicas of a region, and v1 does not.
 *   <li>Peer: RTT + t_p u_peer. If the cheapest peer is below the local cost, and the local replica
 *       has at least 5 requests running, the request is forwarded; one hop.
 * </ul>
 *
 * <p>f = 1. The published t_p of 0.094 ms belongs to its GPU; here it is the engine's. v3's learned
 * weights are left out: they were fitted to a single trace and fleet. Caches are known by events,
 * those of peers by digest. Running tokens are the prompts in flight less the tokens that wait for
 * prefill, running requests are those with a first token.
 *
 * <p>[1] arXiv 2602.11688.
 */
final class Gorgo implements RoutingPolicy {
  private static final double RUNNING_FACTOR = 1;
  private static final int MIN_RUNNING = 5;

  @Override
  public Choice route(Request request, boolean forwarded, RouterView view) {
    int[] candidates = Candidates.healthy(view);
    if (candidates.length == 0) {
      return Candidates.elsewhere(forwarded, view);
    }
    int[] runs = view.runs(request);
    int best = candidates[0];
    double local = Double.POSITIVE_INFINITY;
    for (int replica : candidates) {
      double cost = localMs(request, replica, runs[replica], view);
      if (cost < local) {
        local = cost;
        best = replica;
      }
    }
    int cached = Candidates.cachedTokens(runs[best], request, view);
    boolean busy = view.requests(best) - view.unanswered(best) >= MIN_RUNNING;
    int peer = forwarded || !busy ? view.region() : cheapestPeer(request, local, view);
    return peer == view.region() ? new Choice.Replica(best, cached) : new Choice.Region(peer);
  }

  /** The own region if no peer costs less than {@code local}. */
  private static int cheapestPeer(Request request, double local, RouterView view) {
    int cheapest = view.region();
    double least = local;
    for (int region = 0; region < view.spec().regions().size(); region++) {
      if (region == view.region() || !Candidates.alive(region, view)) {
        continue;
      }
      int run = view.digestRun(request, region);
      double cost = view.roundTripMs(region) + prefillMs(request, run, view);
      if (cost < least) {
        least = cost;
        cheapest = region;
      }
    }
    return cheapest;
  }

  private static double localMs(Request request, int replica, int run, RouterView view) {
    long queued = view.waitingTokens(replica);
    long running = Math.max(0, view.promptTokens(replica) - queued);
    return prefillMs(request, run, view)
        + (RUNNING_FACTOR * running + queued) * view.spec().engine().msPerToken();
  }

  private static double prefillMs(Request request, int run, RouterView view) {
    int uncached = request.promptTokens() - Candidates.cachedTokens(run, request, view);
    return uncached * view.spec().engine().msPerToken();
  }
}
