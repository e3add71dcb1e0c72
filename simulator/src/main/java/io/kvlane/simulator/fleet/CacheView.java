package io.kvlane.simulator.fleet;

import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.prefix.Chain;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a region knows of its replicas' caches, some time behind. */
final class CacheView {
  private static final long MAX_BYTES = 4L << 30;

  private final PrefixIndex index;
  private final long lagNanos;
  private final int[] runs;
  private final Deque<Change> pending = new ArrayDeque<>();

  private record Change(long at, int slot, long[] stored, long[] removed, boolean cleared) {}

  CacheView(int replicas, long lagNanos) {
    index = new PrefixIndex(replicas, MAX_BYTES);
    runs = new int[replicas];
    this.lagNanos = lagNanos;
  }

  void changed(int slot, long[] stored, long[] removed, long now) {
    apply(now);
    pending.add(new Change(now + lagNanos, slot, stored, removed, false));
  }

  void cleared(int slot, long now) {
    pending.add(new Change(now + lagNanos, slot, new long[0], new long[0], true));
  }

  /** Cached runs in blocks, by slot. Valid until the next call. */
  int[] runs(Chain chain, long now) {
    apply(now);
    index.runs(chain, runs);
    return runs;
  }

  private void apply(long now) {
    while (!pending.isEmpty() && pending.peek().at <= now) {
      Change change = pending.remove();
      if (change.cleared) {
        index.drop(change.slot);
      } else {
        index.remove(change.slot, change.removed);
        index.store(change.slot, change.stored);
      }
    }
  }
}
