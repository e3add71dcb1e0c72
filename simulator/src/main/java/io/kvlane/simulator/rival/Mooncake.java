package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * Conductor of Mooncake [1], Algorithm 1: argmin of T_transfer + T_queue + T_prefill, T_queue being
 * the prefill times of what is queued, by an exact index of all caches.
 *
 * <p>In the paper, a replica whose own prefix is shorter than the best elsewhere by more than a
 * threshold factor fetches the difference (T_transfer = f(best - own)) and keeps a copy. Replicas
 * here cannot fetch KV from each other, so the other branch of the algorithm holds for all of them:
 * prefix = own, T_transfer = 0. Nothing is rejected either, which the paper does when the predicted
 * TTFT misses its SLO. Prefill time is the engine's own, as Mooncake fits it offline.
 *
 * <p>[1] R. Qin et al., FAST 2025.
 */
final class Mooncake extends LocalPolicy {
  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    double msPerToken = view.spec().engine().msPerToken();
    int[] runs = view.runs(request);
    int best = candidates[0];
    int bestPrefix = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int replica : candidates) {
      int prefix = Candidates.cachedTokens(runs[replica], request, view);
      double queueMs = view.waitingTokens(replica) * msPerToken;
      double prefillMs = (request.promptTokens() - prefix) * msPerToken;
      if (queueMs + prefillMs < least) {
        least = queueMs + prefillMs;
        best = replica;
        bestPrefix = prefix;
      }
    }
    return new Choice.Replica(best, bestPrefix);
  }
}
