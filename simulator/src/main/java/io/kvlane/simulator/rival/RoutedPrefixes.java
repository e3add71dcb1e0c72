package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.Request;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one router believes to be cached at each target, judged only by what it sent there: a prefix
 * tree per target. A block's key names all that comes before it, so a set of keys is such a tree.
 * Bounded by giving up the least recently inserted leaves.
 */
final class RoutedPrefixes {
  private final int capacity;

  // By target. How often each block was inserted and not yet forgotten; oldest block first.
  private final List<LinkedHashMap<Long, Integer>> blocks = new ArrayList<>();

  /**
   * Creates it empty.
   *
   * @param targets are numbered from 0
   * @param tokensEach what is remembered of a target at most
   */
  RoutedPrefixes(int targets, long tokensEach, int blockTokens) {
    capacity = Math.clamp(tokensEach / blockTokens, 1, Integer.MAX_VALUE);
    for (int i = 0; i < targets; i++) {
      blocks.add(new LinkedHashMap<>());
    }
  }

  /** Leading blocks of the prompt that went to the target before. */
  int run(int target, Request request) {
    Map<Long, Integer> known = blocks.get(target);
    int run = 0;
    while (run < request.promptBlocks() && known.containsKey(request.block(run))) {
      run++;
    }
    return run;
  }

  /** The prompt went to the target. */
  void insert(int target, Request request) {
    LinkedHashMap<Long, Integer> known = blocks.get(target);
    // Last block first, so that leaves are older than what they grow from.
    for (int i = request.promptBlocks() - 1; i >= 0; i--) {
      long key = request.block(i);
      known.putLast(key, known.getOrDefault(key, 0) + 1);
    }
    while (known.size() > capacity) {
      known.pollFirstEntry();
    }
  }

  /** An insertion lies so far back that it no longer counts as a use; the blocks stay. */
  void forget(int target, Request request) {
    Map<Long, Integer> known = blocks.get(target);
    for (int i = 0; i < request.promptBlocks(); i++) {
      known.computeIfPresent(request.block(i), (key, uses) -> Math.max(0, uses - 1));
    }
  }

  /** Uses of the blocks that would have to give way to so many new ones, summed up. */
  long usesGivingWay(int target, int newBlocks) {
    Map<Long, Integer> known = blocks.get(target);
    long uses = 0;
    Iterator<Integer> oldest = known.values().iterator();
    for (long over = (long) known.size() + newBlocks - capacity;
        over > 0 && oldest.hasNext();
        over--) {
      uses += oldest.next();
    }
    return uses;
  }
}
