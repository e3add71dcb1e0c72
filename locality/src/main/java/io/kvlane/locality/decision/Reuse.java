package io.kvlane.locality.decision;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What is lost when a replica evicts a block: the chance that the block would have been asked for
 * again. Learned from two things. How long blocks lie idle between uses is much the same all over a
 * pool, and is counted in one histogram. How long a block has been idle when it is evicted tells
 * how short of memory a replica is: in an LRU cache this is its age at the tail [1], and it moves
 * at once when a replica takes on more than it can hold, long before hits are lost.
 *
 * <p>Of many blocks a sample stands for all, picked by their keys [2]: fixed memory, whatever the
 * size of the caches.
 *
 * <p>One thread tells, any thread asks.
 *
 * <p>[1] H. Che, Y. Tung, Z. Wang, Hierarchical Web Caching Systems, IEEE JSAC 20(7), 2002. [2] C.
 * Waldspurger et al., Efficient MRC Construction with SHARDS, FAST 2015.
 */
public final class Reuse {
  private static final int CAPACITY = 1 << 16;
  private static final int MASK = CAPACITY - 1;
  private static final int MOST = CAPACITY / 4 * 3;

  /** Blocks idle for this many times the age at which caches evict are forgotten first. */
  private static final int HORIZON = 4;

  private static final int BINS_PER_OCTAVE = 4;
  private static final int BINS = 32 * BINS_PER_OCTAVE;

  /** Uses after which all counts are halved, so that old habits fade. */
  public static final int PERIOD = 1 << 15;

  /** Fewer evictions' worth of evidence than this count as little chance. */
  private static final int EVIDENCE = 64;

  /** Uses after which the curve is drawn anew. */
  private static final int REDRAW = 256;

  /** Weight of one eviction in a replica's mean. */
  public static final double WEIGHT = 1.0 / 8;

  private final double weight;
  private final int period;

  // Open addressing: key, when it was used last, and where; 0 is no key.
  private long[] keys = new long[CAPACITY];
  private long[] used = new long[CAPACITY];
  private int[] at = new int[CAPACITY];
  private int size;
  private int strideBits;

  private final double[] idle = new double[BINS];
  private double uses;
  private int undrawn;

  /** Chance by idle time, replaced as a whole. */
  private volatile double[] curve = new double[BINS];

  /** Idle time in nanoseconds at which a replica evicts, 0 as long as it has not. */
  private final AtomicLongArray evictionAge;

  private final AtomicLongArray evictedAt;

  /**
   * Knows nothing: no eviction costs anything yet.
   *
   * @param maxReplicas replicas are numbered [0, maxReplicas)
   */
  public Reuse(int maxReplicas) {
    this(maxReplicas, WEIGHT, PERIOD);
  }

  /** The same with other constants, for studies. */
  public Reuse(int maxReplicas, double weight, int period) {
    this.weight = weight;
    this.period = period;
    evictionAge = new AtomicLongArray(maxReplicas);
    evictedAt = new AtomicLongArray(maxReplicas);
  }

  /** A prompt of these blocks was sent to a replica. */
  public void used(int replica, long[] chain, long nowNanos) {
    for (long key : chain) {
      if (!sampled(key)) {
        continue;
      }
      int slot = slot(key);
      if (keys[slot] == 0) {
        if (size >= MOST) {
          prune(nowNanos);
          if (!sampled(key)) {
            continue;
          }
          slot = slot(key);
        }
        keys[slot] = key;
        size++;
      } else {
        idle[bin(nowNanos - used[slot])]++;
      }
      used[slot] = nowNanos;
      at[slot] = replica;
      uses++;
      undrawn++;
    }
    if (undrawn >= REDRAW) {
      redraw();
    }
  }

  /** A replica has evicted these blocks. */
  public void evicted(int replica, long[] blocks, long nowNanos) {
    double sum = 0;
    int known = 0;
    for (long key : blocks) {
      if (!sampled(key)) {
        continue;
      }
      int slot = slot(key);
      // What was used elsewhere since says nothing of this replica.
      if (keys[slot] != 0 && at[slot] == replica) {
        sum += Math.max(1, nowNanos - used[slot]);
        known++;
      }
    }
    if (known > 0) {
      double age = sum / known;
      long before = evictionAge.get(replica);
      evictionAge.set(replica, (long) (before == 0 ? age : before + weight * (age - before)));
      evictedAt.set(replica, nowNanos);
    }
  }

  /** A replica's cache is empty again. */
  public void cleared(int replica) {
    evictionAge.set(replica, 0);
  }

  /** Chance that a block which the replica would evict now is asked for again, 0 to 1. */
  public double chance(int replica, long nowNanos) {
    long age = evictionAge.get(replica);
    if (age == 0) {
      return 0;
    }
    // While it evicts nothing, its oldest blocks grow older.
    return curve[bin(age + Math.max(0, nowNanos - evictedAt.get(replica)))];
  }

  /** Other bits than those by which digests and residency pick. */
  private static long mixed(long key) {
    return key * 0x9E3779B97F4A7C15L;
  }

  private boolean sampled(long key) {
    return key != 0 && (strideBits == 0 || mixed(key) >>> -strideBits == 0);
  }

  /** Where the key is, or would be. */
  private int slot(long key) {
    int slot = (int) (mixed(key) >>> 20) & MASK;
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = slot + 1 & MASK;
    }
    return slot;
  }

  private static int bin(long nanos) {
    double octaves = Math.log(Math.max(1, nanos / 1e6)) / Math.log(2);
    return Math.min(BINS - 1, (int) (octaves * BINS_PER_OCTAVE));
  }

  /** Of the blocks that lie idle until a time, those that are used after it. */
  private void redraw() {
    undrawn = 0;
    double[] next = new double[BINS];
    double later = 0;
    double earlier = Arrays.stream(idle).sum();
    for (int bin = BINS - 1; bin >= 0; bin--) {
      later += idle[bin];
      earlier -= idle[bin];
      next[bin] = Math.min(1, later / Math.max(EVIDENCE, uses - earlier));
    }
    curve = next;
    if (uses >= period) {
      halve();
    }
  }

  private void halve() {
    uses /= 2;
    for (int bin = 0; bin < BINS; bin++) {
      idle[bin] /= 2;
    }
  }

  private void prune(long nowNanos) {
    long longest = 0;
    for (int i = 0; i < evictionAge.length(); i++) {
      longest = Math.max(longest, evictionAge.get(i));
    }
    long horizon = longest == 0 ? Long.MAX_VALUE : HORIZON * longest;
    rebuild(nowNanos, horizon);
    while (size > CAPACITY / 2) {
      strideBits++;
      halve(); // What comes from now on stands for twice as many.
      rebuild(nowNanos, horizon);
    }
  }

  private void rebuild(long nowNanos, long horizon) {
    long[] oldKeys = keys;
    long[] oldUsed = used;
    int[] oldAt = at;
    keys = new long[CAPACITY];
    used = new long[CAPACITY];
    at = new int[CAPACITY];
    size = 0;
    for (int i = 0; i < CAPACITY; i++) {
      if (sampled(oldKeys[i]) && nowNanos - oldUsed[i] <= horizon) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        used[slot] = oldUsed[i];
        at[slot] = oldAt[i];
        size++;
      }
    }
  }
}
