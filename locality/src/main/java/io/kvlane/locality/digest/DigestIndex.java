package io.kvlane.locality.digest;

import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.prefix.Chain;
import java.util.Arrays;

/**
 * The other regions' digests, folded. What is known of a region is replaced as a whole: a new life
 * is built beside the present one, and takes its place when it is complete.
 *
 * <p>One thread changes it, any thread may ask {@link #held}.
 */
public final class DigestIndex {
  private static final int SIDES = 2;
  private static final int ABSENT = -1;

  /**
   * What a region holds of a prompt.
   *
   * @param blocks at least so many from the start on, in all likelihood
   * @param replicas at least so many hold that run: 0, 1, 2, 4 or 8
   */
  public record Held(int blocks, int replicas) {
    /** Nothing, as far as is known. */
    public static final Held NOTHING = new Held(0, 0);
  }

  private final int regions;
  private final PrefixIndex index;
  private final int[] strideBits;

  /** The side that counts, per region; {@link #ABSENT} if none does. */
  private volatile int[] present;

  /**
   * @param regions are numbered from 0
   * @param maxBytes bound of its memory
   */
  public DigestIndex(int regions, long maxBytes) {
    this.regions = regions;
    this.index = new PrefixIndex(Math.max(1, regions * SIDES * DigestDelta.LEVELS), maxBytes);
    this.strideBits = new int[regions * SIDES];
    this.present = new int[regions];
    Arrays.fill(present, ABSENT);
  }

  private static int slot(int region, int side, int level) {
    return (region * SIDES + side) * DigestDelta.LEVELS + level;
  }

  /** Begins to build a region's digest anew. */
  public void begin(int region) {
    drop(region, spare(region));
  }

  /** Goes on with what was begun. */
  public void build(int region, DigestDelta delta) {
    apply(region, spare(region), delta);
  }

  /** What was begun is complete, and counts from now on. */
  public void complete(int region) {
    int[] next = present.clone();
    int former = next[region];
    next[region] = spare(region);
    present = next;
    if (former != ABSENT) {
      drop(region, former);
    }
  }

  /** Takes in a change of what counts. */
  public void change(int region, DigestDelta delta) {
    if (present[region] != ABSENT) {
      apply(region, present[region], delta);
    }
  }

  /** Nothing is known of a region any more. */
  public void forget(int region) {
    int[] next = present.clone();
    next[region] = ABSENT;
    present = next;
    for (int side = 0; side < SIDES; side++) {
      drop(region, side);
    }
  }

  private int spare(int region) {
    return present[region] == 0 ? 1 : 0;
  }

  private void drop(int region, int side) {
    for (int level = 0; level < DigestDelta.LEVELS; level++) {
      index.drop(slot(region, side, level));
    }
  }

  private void apply(int region, int side, DigestDelta delta) {
    strideBits[region * SIDES + side] = delta.strideBits();
    for (int level = 0; level < DigestDelta.LEVELS; level++) {
      DigestDelta.Level change = delta.levels().get(level);
      index.remove(slot(region, side, level), change.lost());
      index.store(slot(region, side, level), change.gained());
    }
  }

  /** The fingerprints that the region's digest consists of, by level; for handing it on. */
  public long[][] fingerprints(int region) {
    long[][] levels = new long[DigestDelta.LEVELS][];
    for (int level = 0; level < levels.length; level++) {
      levels[level] =
          present[region] == ABSENT
              ? new long[0]
              : index.held(slot(region, present[region], level));
      Arrays.sort(levels[level]);
    }
    return levels;
  }

  /** The stride of a region's digest, see {@link DigestDelta#strideBits}. */
  public int strideBits(int region) {
    return present[region] == ABSENT ? 0 : strideBits[region * SIDES + present[region]];
  }

  /** What each region holds of a prompt, by its number. Any thread. */
  public Held[] held(Chain chain) {
    Held[] held = new Held[regions];
    Arrays.fill(held, Held.NOTHING);
    int[] sides = present;
    int asked = 0;
    for (int region = 0; region < regions; region++) {
      int bits = sides[region] == ABSENT ? ABSENT : strideBits[region * SIDES + sides[region]];
      if (bits != ABSENT && (asked & 1 << bits) == 0) {
        asked |= 1 << bits;
        ask(chain, bits, sides, held);
      }
    }
    return held;
  }

  /** Looks a prompt up in the digests of one stride. */
  private void ask(Chain chain, int bits, int[] sides, Held[] held) {
    int length = chain.length();
    long[] sampled = new long[length];
    int[] places = new int[length];
    int count = 0;
    for (int i = 0; i < length; i++) {
      long key = chain.key(i);
      if (Sample.contains(key, bits)) {
        sampled[count] = Sample.fingerprint(key);
        places[count++] = i + 1;
      }
    }
    if (count == 0) {
      return;
    }
    int[] runs = new int[regions * SIDES * DigestDelta.LEVELS];
    index.runs(Chain.of(chain.root(), Arrays.copyOf(sampled, count)), runs);
    for (int region = 0; region < regions; region++) {
      if (sides[region] == ABSENT || strideBits[region * SIDES + sides[region]] != bits) {
        continue;
      }
      int run = runs[slot(region, sides[region], 0)];
      if (run > 0) {
        int level = 0;
        while (level + 1 < DigestDelta.LEVELS
            && runs[slot(region, sides[region], level + 1)] == run) {
          level++;
        }
        held[region] = new Held(places[run - 1], 1 << level);
      }
    }
  }

  /** Size of the arrays. */
  public long bytes() {
    return index.bytes();
  }

  /** Entries of all digests. */
  public long blocks() {
    return index.blocks();
  }
}
