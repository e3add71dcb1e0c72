package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * LMetric [1]: argmin P x B without any weights. P = prefill tokens queued there and the request's
 * own uncached ones, by an exact index; B = requests running and queued. While replicas are idle
 * their products are all 0; the paper does not say what then, here the smaller P decides.
 *
 * <p>[1] D. Zhang et al., arXiv 2603.15202.
 */
final class LMetric extends LocalPolicy {
  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int[] runs = view.runs(request);
    int best = candidates[0];
    int bestCached = 0;
    long bestTokens = Long.MAX_VALUE;
    long bestProduct = Long.MAX_VALUE;
    for (int replica : candidates) {
      int cached = Candidates.cachedTokens(runs[replica], request, view);
      long tokens = view.waitingTokens(replica) + request.promptTokens() - cached;
      long product = tokens * view.requests(replica);
      if (product < bestProduct || (product == bestProduct && tokens < bestTokens)) {
        best = replica;
        bestCached = cached;
        bestTokens = tokens;
        bestProduct = product;
      }
    }
    return new Choice.Replica(best, bestCached);
  }
}
