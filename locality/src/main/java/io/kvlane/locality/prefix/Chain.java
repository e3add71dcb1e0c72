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
