package io.kvlane.simulator.live.load;

import io.kvlane.simulator.trace.PlainReplay;
import io.kvlane.simulator.trace.TraceRequest;
import java.util.List;

/**
 * What plain replay says of a trace.
 *
 * @param pooledTokens size of the pooled cache
 * @param pooled hit ratio of one LRU of that size
 * @param infinite hit ratio of one cache without bound
 * @param caches number of caches in the split case
 * @param split hit ratio of round robin over so many caches that share that size
 */
record Ceiling(long pooledTokens, double pooled, double infinite, int caches, double split) {

  static Ceiling of(List<TraceRequest> requests, long pooledTokens, int caches) {
    return new Ceiling(
        pooledTokens,
        PlainReplay.hitRatio(requests, 1, pooledTokens),
        PlainReplay.hitRatio(requests, 1, Long.MAX_VALUE),
        caches,
        PlainReplay.hitRatio(requests, caches, pooledTokens / caches));
  }
}
