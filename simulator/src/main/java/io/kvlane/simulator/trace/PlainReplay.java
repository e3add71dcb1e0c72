package io.kvlane.simulator.trace;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a trace would find cached if requests had no duration: in order, round robin over caches
 * that each are an LRU of blocks, leaves first. With one cache of the fleet's whole size this is
 * what routing can hope for; with one per replica it is what round robin gets.
 */
public final class PlainReplay {
  private PlainReplay() {}

  /**
   * The share of all prompt tokens found in a cache, 0 to 1.
   *
   * @param caches number of caches
   * @param tokensEach size of each cache; {@link Long#MAX_VALUE} for no bound
   */
  public static double hitRatio(List<TraceRequest> requests, int caches, long tokensEach) {
    List<Lru> lrus = new ArrayList<>();
    for (int i = 0; i < caches; i++) {
      lrus.add(new Lru(tokensEach / MooncakeTrace.BLOCK_TOKENS));
    }
    long hit = 0;
    long all = 0;
    for (int i = 0; i < requests.size(); i++) {
      TraceRequest request = requests.get(i);
      int blocks = lrus.get(i % caches).serve(request.blocks());
      hit += Math.min(request.inputTokens(), (long) blocks * MooncakeTrace.BLOCK_TOKENS);
      all += request.inputTokens();
    }
    return all == 0 ? 0 : (double) hit / all;
  }

  private static final class Lru {
    private final long capacity;
    // Least recently used first. A prompt's blocks are put in from its end, so leaves go first.
    private final LinkedHashSet<Integer> blocks = new LinkedHashSet<>();

    Lru(long capacity) {
      this.capacity = capacity;
    }

    /** Returns the number of leading blocks present, then makes all of them present. */
    int serve(int[] prompt) {
      int hits = 0;
      while (hits < prompt.length && blocks.contains(prompt[hits])) {
        hits++;
      }
      for (int i = prompt.length - 1; i >= 0; i--) {
        blocks.addLast(prompt[i]);
      }
      while (blocks.size() > capacity) {
        blocks.removeFirst();
      }
      return hits;
    }
  }
}
