package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What routing can hope for: the hits of one cache as large as the fleet's together, in a world
 * where requests have no duration. An LRU of blocks, leaves first. Requests come in the order in
 * which they would arrive if answers took no time; what an answer completes is cached with its
 * prompt.
 *
 * @see io.kvlane.simulator.trace.PlainReplay the same for a trace
 */
final class PooledCache {
  private PooledCache() {}

  /** The share of all prompt tokens found in the cache, 0 to 1, counted as {@link Results} does. */
  static double hitRatio(List<Request> requests, int blockTokens, long cacheTokens) {
    double[] atMs = Arrivals.ifAnswersTookNoTime(requests);
    List<Request> inOrder = new ArrayList<>(requests);
    inOrder.sort(Comparator.comparingDouble(r -> atMs[r.number()]));
    LinkedHashSet<Long> lru = new LinkedHashSet<>();
    long capacity = cacheTokens / blockTokens;
    long hit = 0;
    long all = 0;
    for (Request request : inOrder) {
      int run = 0;
      while (run < request.promptBlocks() && lru.contains(request.block(run))) {
        run++;
      }
      // An engine computes at least one token.
      hit += Math.min((long) run * blockTokens, request.promptTokens() - 1);
      all += request.promptTokens();
      for (int i = request.blocks().length - 1; i >= 0; i--) {
        lru.addLast(request.block(i));
      }
      while (lru.size() > capacity) {
        lru.removeFirst();
      }
    }
    return all == 0 ? 0 : (double) hit / all;
  }
}
