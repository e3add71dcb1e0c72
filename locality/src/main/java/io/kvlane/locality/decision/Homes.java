package io.kvlane.locality.decision;

import io.kvlane.locality.prefix.Chain;

/**
 * Chooses how much of a prompt decides its home. One block would send everybody who shares a system
 * prompt to one replica, many blocks would tear apart requests that share most of theirs; so the
 * prefix is extended while more requests than one replica's share begin with it [1].
 *
 * <p>Depths are powers of two, in blocks. Recent requests are counted per prefix in a count-min
 * sketch that is halved at intervals [2]: fixed memory, and old popularity fades.
 *
 * <p>Safe for any thread; counts lost to a race change nothing that matters.
 *
 * <p>[1] DualMap, arXiv 2602.06502. [2] G. Einziger, R. Friedman, B. Manes, TinyLFU, ACM ToS 13(4),
 * 2017.
 */
public final class Homes {
  private static final int ROWS = 3;
  private static final int WIDTH_BITS = 13;
  private static final int WIDTH = 1 << WIDTH_BITS;

  /** A prefix seen fewer times than this is not known to be shared. */
  private static final int EVIDENCE = 8;

  /** Requests after which all counts are halved. */
  private static final int PERIOD = 1 << 11;

  private final int[] counts = new int[ROWS * WIDTH];
  private int requests;

  /**
   * Notes a request and tells what decides its home.
   *
   * @param chain the request's chain
   * @param replicas among which homes are dealt out, at least 1
   */
  public long home(Chain chain, int replicas) {
    if (chain.length() == 0) {
      return chain.root().key();
    }
    int seen = ++requests;
    if (seen >= PERIOD) {
      halve();
    }
    int share = Math.max(EVIDENCE, seen / replicas);
    for (int depth = 1; depth < chain.length(); depth <<= 1) {
      long key = chain.key(depth - 1);
      if (count(key) <= share) {
        return key;
      }
    }
    return chain.key(chain.length() - 1);
  }

  /** Counts {@code key} once more and returns the estimate. */
  private int count(long key) {
    int estimate = Integer.MAX_VALUE;
    for (int row = 0; row < ROWS; row++) {
      int cell = row * WIDTH + ((int) (key >>> (row * WIDTH_BITS)) & (WIDTH - 1));
      estimate = Math.min(estimate, ++counts[cell]);
    }
    return estimate;
  }

  private void halve() {
    requests >>= 1;
    for (int i = 0; i < counts.length; i++) {
      counts[i] >>= 1;
    }
  }
}
