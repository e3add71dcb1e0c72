package io.kvlane.router.routing;

import static java.util.Objects.requireNonNull;

import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.Reuse;
import io.kvlane.locality.digest.DigestLog;
import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.index.RoutedCache;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.RoutedFrame;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.KeySpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What is cached where: the region's log, folded. One thread, the locality thread, changes it; any
 * thread may ask {@link #runs}.
 *
 * <p>The token index follows each replica's frames by epoch and sequence. A newer epoch voids all
 * that came before; a hole in the sequence does so too, since what is missing may be removals, and
 * asks for a {@linkplain Recovery recovery} from snapshot and ring. The text index holds what
 * routers sent to each replica, bounded like its cache.
 */
final class LocalityMap {
  /** Assumed of a replica that does not say how large its cache is. */
  private static final long DEFAULT_CACHE_TOKENS = 1_000_000;

  /** How fast the size of a replica's text cache follows what the routers say of it. */
  private static final double FOLLOW = 0.05;

  private static final int MAX_HELD = 4_096;
  private static final int MAX_TEXT_KEYS = 1 << 22;

  /** Of a replica's entries since the last snapshot, as read from Hazelcast. */
  record Recovery(
      long epoch, long snapshotSequence, List<long[]> snapshot, List<DeltaFrame> tail) {}

  private final PrefixIndex tokens;
  private final PrefixIndex text;
  private final Homes homes = new Homes();
  private final Reuse reuse;
  private final Map<String, Entries> entries = new HashMap<>();
  private final AtomicLongArray evicted;
  private final MapMetrics metrics;
  private @Nullable DigestLog digest;
  private PrefixIndex[] digested = {};

  LocalityMap(int maxReplicas, long maxBytes, MapMetrics metrics) {
    this.tokens = new PrefixIndex(maxReplicas, maxBytes / 2);
    this.text = new PrefixIndex(maxReplicas, maxBytes / 2);
    this.reuse = new Reuse(maxReplicas);
    this.evicted = new AtomicLongArray(maxReplicas);
    this.metrics = metrics;
    metrics.indexes(tokens, text);
  }

  /** Blocks that the indexes know at a replica. */
  long blocks(Replica replica) {
    return tokens.blocks(replica.slot()) + text.blocks(replica.slot());
  }

  /** The part of a replica's cache that is known to be used, 0 to 1; 0 if only text keys tell. */
  double fill(Replica replica) {
    long size = replica.state().cacheTokens();
    double used = (double) tokens.blocks(replica.slot()) * replica.state().blockSize();
    return size <= 0 ? 0 : Math.min(1, used / size);
  }

  /** Blocks that a replica's cache has given up in its present life. Any thread. */
  long evicted(Replica replica) {
    return evicted.get(replica.slot());
  }

  /** Replicas that hold a block, of either key space. Any thread. */
  int replicas(long key) {
    return Math.max(tokens.replicas(key), text.replicas(key));
  }

  /** The part of all copies of blocks that others make dispensable, 0 to 1. Any thread. */
  double duplicates(List<Replica> replicas) {
    PrefixIndex index = tokens.blocks() > 0 ? tokens : text;
    long copies = 0;
    for (Replica replica : replicas) {
      copies += index.blocks(replica.slot());
    }
    return copies == 0 ? 0 : Math.clamp(1 - (double) index.blocks() / copies, 0, 1);
  }

  /** One replica's place in the log. */
  private static final class Entries {
    final int slot;
    long cacheTokens = DEFAULT_CACHE_TOKENS;
    long epoch = Long.MIN_VALUE;
    long next;

    /** Frames that wait for a recovery; null while none is under way. */
    @Nullable List<DeltaFrame> held;

    /** Whether every frame of the epoch was applied. */
    boolean whole = true;

    @Nullable RoutedCache routed;

    /** Tokens that a text key takes in the cache, 0 as long as nobody said. */
    double tokensPerKey;

    Entries(int slot) {
      this.slot = slot;
    }

    int textKeys() {
      return Math.clamp((long) (cacheTokens / tokensPerKey), 1, MAX_TEXT_KEYS);
    }
  }

  /**
   * Keeps a digest from now on; to be called before anything is known.
   *
   * @param text whether of text keys too: where token keys are used they would say all twice
   */
  void digest(DigestLog log, boolean text) {
    digest = log;
    digested = text ? new PrefixIndex[] {tokens, this.text} : new PrefixIndex[] {tokens};
    for (PrefixIndex index : digested) {
      index.watch(log);
    }
  }

  /** The whole digest. The locality thread. */
  DigestLog.Whole digest() {
    return requireNonNull(digest, "digest").whole(digested);
  }

  Homes homes() {
    return homes;
  }

  /**
   * What evictions cost. By the text caches also where KV events tell of the real ones: those do
   * not tell when a block was used, and what other routers sent is known by text keys.
   */
  Reuse reuse() {
    return reuse;
  }

  /** The cached runs of a chain, by slot. Any thread. */
  void runs(Chain chain, int[] runs) {
    (chain.root().space() == KeySpace.TOKENS ? tokens : text).runs(chain, runs);
  }

  /**
   * A replica takes part, or says more of itself.
   *
   * @param cacheTokens size of its cache, 0 as long as it is not known
   */
  void add(String replica, int slot, long cacheTokens) {
    Entries known = entries.get(replica);
    if (known == null || known.slot != slot) {
      known = new Entries(slot);
      entries.put(replica, known);
    }
    if (cacheTokens > 0) {
      known.cacheTokens = cacheTokens;
    }
  }

  /** A replica is gone for good. */
  void remove(String replica) {
    Entries gone = entries.remove(replica);
    if (gone != null) {
      tokens.drop(gone.slot);
      text.drop(gone.slot);
      reuse.cleared(gone.slot);
    }
  }

  /** Nobody watches the replica's cache any more: what is known of it may be wrong. */
  void forget(String replica) {
    Entries known = entries.get(replica);
    if (known != null) {
      tokens.drop(known.slot);
      text.drop(known.slot);
      reuse.cleared(known.slot);
      known.routed = null;
      known.whole = false;
    }
  }

  /** The replica's cache began a life of this number. Older entries are void. */
  void epoch(String replica, long epoch) {
    Entries known = entries.get(replica);
    if (known != null && epoch > known.epoch) {
      known.epoch = epoch;
      known.next = 0;
      known.held = null;
      known.whole = true;
      known.routed = null;
      tokens.drop(known.slot);
      text.drop(known.slot);
      reuse.cleared(known.slot);
      evicted.set(known.slot, 0);
      metrics.epoch();
    }
  }

  /**
   * Whether frames up to {@code sequence} exist that were not applied, though none is under way.
   */
  boolean behind(String replica, long epoch, long sequence) {
    Entries known = entries.get(replica);
    return known != null
        && known.epoch == epoch
        && known.held == null
        && (!known.whole || sequence >= known.next);
  }

  /** The sequence number that comes next, to see whether anything moves. */
  long next(String replica) {
    Entries known = entries.get(replica);
    return known == null ? 0 : known.next;
  }

  /**
   * Folds a frame.
   *
   * @return whether the replica now needs a recovery
   */
  boolean apply(DeltaFrame frame) {
    Entries known = entries.get(frame.replica());
    if (known == null || frame.epoch() < known.epoch) {
      return false;
    }
    epoch(frame.replica(), frame.epoch());
    if (known.held != null) {
      hold(known, frame);
      return false;
    }
    if (frame.sequence() < known.next) {
      return false;
    }
    if (frame.sequence() > known.next) {
      metrics.gap();
      beginRecovery(frame.replica());
      hold(known, frame);
      return true;
    }
    fold(known, frame);
    return false;
  }

  /** From here on frames wait for {@link #recover}. */
  void beginRecovery(String replica) {
    Entries known = entries.get(replica);
    if (known != null) {
      tokens.drop(known.slot);
      known.held = new ArrayList<>();
      metrics.recovery();
    }
  }

  private static void hold(Entries known, DeltaFrame frame) {
    if (known.held != null && known.held.size() < MAX_HELD) {
      known.held.add(frame);
    }
  }

  /** Ends a recovery with what was found; a hole that remains leaves the earlier part unclaimed. */
  void recover(String replica, @Nullable Recovery found) {
    Entries known = entries.get(replica);
    if (known == null || known.held == null) {
      return;
    }
    List<DeltaFrame> frames = new ArrayList<>();
    known.whole = true;
    known.next = 0;
    if (found != null && found.epoch() == known.epoch) {
      for (long[] keys : found.snapshot()) {
        tokens.store(known.slot, keys);
      }
      known.next = found.snapshotSequence() + 1;
      frames.addAll(found.tail());
    }
    frames.addAll(known.held);
    known.held = null;
    for (DeltaFrame frame : frames) {
      if (frame.epoch() == known.epoch && frame.sequence() >= known.next) {
        if (frame.sequence() > known.next) {
          tokens.drop(known.slot);
          known.whole = false;
        }
        fold(known, frame);
      }
    }
  }

  private void fold(Entries known, DeltaFrame frame) {
    for (DeltaFrame.Change change : frame.changes()) {
      switch (change) {
        case DeltaFrame.Stored stored -> tokens.store(known.slot, stored.keys());
        case DeltaFrame.Removed removed -> {
          tokens.remove(known.slot, removed.keys());
          evicted.addAndGet(known.slot, removed.keys().length);
        }
      }
    }
    known.next = frame.sequence() + 1;
  }

  /**
   * Folds requests that a router has sent.
   *
   * @param sentNanos when, by the clock of {@link System#nanoTime}
   */
  void apply(RoutedFrame frame, long sentNanos) {
    for (RoutedFrame.Routed routed : frame.requests()) {
      homes.note(routed.chain());
      Entries known = entries.get(routed.replica());
      if (known != null && routed.epoch() == known.epoch) {
        if (known.routed == null) {
          known.routed = new RoutedCache();
        }
        double said = routed.tokensPerKey();
        known.tokensPerKey += known.tokensPerKey == 0 ? said : FOLLOW * (said - known.tokensPerKey);
        long[] evicted = known.routed.touch(routed.chain(), known.textKeys());
        text.store(known.slot, routed.chain());
        text.remove(known.slot, evicted);
        reuse.evicted(known.slot, evicted, sentNanos);
        reuse.used(known.slot, routed.chain(), sentNanos);
      }
    }
  }

  /** What the text cache of a replica holds, least recently used first; for a snapshot. */
  long[] routed(String replica) {
    Entries known = entries.get(replica);
    return known == null || known.routed == null ? new long[0] : known.routed.keys();
  }

  /** Takes over a text snapshot of the replica's present epoch. */
  void restore(String replica, long epoch, long[] keys) {
    Entries known = entries.get(replica);
    if (known != null && known.epoch == epoch && known.routed == null) {
      known.routed = new RoutedCache();
      // touch() takes parents first; the snapshot is in order of recency, oldest first.
      for (long key : keys) {
        known.routed.touch(new long[] {key}, MAX_TEXT_KEYS);
      }
      text.store(known.slot, keys);
    }
  }
}
