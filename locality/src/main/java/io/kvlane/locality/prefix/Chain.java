package io.kvlane.locality.prefix;

import java.util.Arrays;

/**
 * The keys of a prompt's full blocks, first block first. A key names its block and everything
 * before it, so equal keys mean equal prefixes. Immutable; safe for any thread.
 */
public final class Chain {
  private final ChainRoot root;
  private final long[] keys;

  Chain(ChainRoot root, long[] keys) {
    this.root = root;
    this.keys = keys;
  }

  /**
   * A chain whose keys were computed elsewhere: recorded, or made up by a simulator.
   *
   * @param keys parents before children; not to be changed afterwards
   */
  public static Chain of(ChainRoot root, long[] keys) {
    return new Chain(root, keys);
  }

  public ChainRoot root() {
    return root;
  }

  /** Number of full blocks; the partial block at a prompt's end has no key. */
  public int length() {
    return keys.length;
  }

  /** The key of block {@code i}, from 0. */
  public long key(int i) {
    return keys[i];
  }

  /**
   * How many keys, from block {@code from} on, equal {@code other[otherFrom, otherFrom + limit)}
   * one by one.
   */
  public int matching(int from, long[] other, int otherFrom, int limit) {
    int mismatch = Arrays.mismatch(keys, from, from + limit, other, otherFrom, otherFrom + limit);
    return mismatch < 0 ? limit : mismatch;
  }

  /**
   * How many keys this chain and another begin with alike, if more than {@code known}; else {@code
   * known}. A key stands for all before it, so halving finds the end.
   */
  public int common(long[] other, int known) {
    int most = Math.min(keys.length, other.length);
    if (most <= known || keys[known] != other[known]) {
      return known;
    }
    int low = known + 1;
    while (low < most) {
      int middle = (low + most + 1) >>> 1;
      if (keys[middle - 1] == other[middle - 1]) {
        low = middle;
      } else {
        most = middle - 1;
      }
    }
    return low;
  }

  /** A copy of the keys. */
  public long[] keys() {
    return keys.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Chain that && root.equals(that.root) && Arrays.equals(keys, that.keys);
  }

  @Override
  public int hashCode() {
    return 31 * root.hashCode() + Arrays.hashCode(keys);
  }

  @Override
  public String toString() {
    return "Chain[" + root + ", " + keys.length + " blocks]";
  }
}
