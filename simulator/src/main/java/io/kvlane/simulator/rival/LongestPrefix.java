package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * Longest prefix: the replica with the longest cached run by cache events, among equals the one
 * with the fewest requests in flight, then the first.
 */
final class LongestPrefix extends LocalPolicy {
  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int[] runs = view.runs(request);
    int best = candidates[0];
    for (int replica : candidates) {
      if (runs[replica] > runs[best]
          || (runs[replica] == runs[best] && view.requests(replica) < view.requests(best))) {
        best = replica;
      }
    }
    return new Choice.Replica(best, Candidates.cachedTokens(runs[best], request, view));
  }
}
