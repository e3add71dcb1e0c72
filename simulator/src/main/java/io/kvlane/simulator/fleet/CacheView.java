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
  private Losses losses = Losses.UNHEARD;

  private record Change(long at, int slot, long[] stored, long[] removed, boolean cleared) {}

  /** Told of what is known to be gone, no later than at the next look. */
  interface Losses {
    Losses UNHEARD =
        new Losses() {
          @Override
          public void evicted(int slot, long[] blocks) {}

          @Override
          public void cleared(int slot) {}
        };

    void evicted(int slot, long[] blocks);

    void cleared(int slot);
  }

  CacheView(int replicas, long lagNanos) {
    index = new PrefixIndex(replicas, MAX_BYTES);
    runs = new int[replicas];
    this.lagNanos = lagNanos;
  }

  void watch(Losses who) {
    losses = who;
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
        losses.cleared(change.slot);
      } else {
        index.remove(change.slot, change.removed);
        if (change.removed.length > 0) {
          losses.evicted(change.slot, change.removed);
        }
        index.store(change.slot, change.stored);
      }
    }
  }
}
