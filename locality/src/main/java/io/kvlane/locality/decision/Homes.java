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
 * <p>One thread notes, any thread asks; a count read a moment too early changes nothing that
 * matters.
 *
 * <p>[1] DualMap, arXiv 2602.06502. [2] G. Einziger, R. Friedman, B. Manes, TinyLFU, ACM ToS 13(4),
 * 2017.
 */
public final class Homes {
  private static final int ROWS = 3;
  private static final int WIDTH_BITS = 13;
  private static final int WIDTH = 1 << WIDTH_BITS;

  /** A prefix seen fewer times than this is not known to be shared, unless said otherwise. */
  public static final int EVIDENCE = 8;

  /** Requests after which all counts are halved, unless said otherwise. */
  public static final int PERIOD = 1 << 11;

  private final int evidence;
  private final int period;
  private final int[] counts = new int[ROWS * WIDTH];
  private volatile int requests;

  /**
   * What decides a prompt's home.
   *
   * @param key equal for requests that should meet
   * @param shared blocks that are known to be shared by so many that holding them distinguishes no
   *     replica; depths are doubled, so up to as many more may be
   */
  public record Home(long key, int shared) {}

  /** Knows nothing yet. */
  public Homes() {
    this(EVIDENCE, PERIOD);
  }

  /** The same with other constants, for studies. */
  public Homes(int evidence, int period) {
    this.evidence = evidence;
    this.period = period;
  }

  /** Notes that a request with this prompt was routed. */
  public void note(long[] chain) {
    int seen = requests + 1;
    if (seen >= period) {
      seen >>= 1;
      for (int i = 0; i < counts.length; i++) {
        counts[i] >>= 1;
      }
    }
    requests = seen;
    for (int depth = 1; depth <= chain.length; depth <<= 1) {
      for (int row = 0; row < ROWS; row++) {
        counts[cell(chain[depth - 1], row)]++;
      }
    }
  }

  /**
   * Where a prompt belongs.
   *
   * @param replicas among which homes are dealt out, at least 1
   */
  public Home home(Chain chain, int replicas) {
    int length = chain.length();
    if (length == 0) {
      return new Home(chain.root().key(), 0);
    }
    int share = Math.max(evidence, requests / replicas);
    int shared = 0;
    for (int depth = 1; depth < length; depth <<= 1) {
      long key = chain.key(depth - 1);
      if (count(key) < share) {
        return new Home(key, shared);
      }
      shared = depth;
    }
    return new Home(chain.key(length - 1), shared);
  }

  private int count(long key) {
    int estimate = Integer.MAX_VALUE;
    for (int row = 0; row < ROWS; row++) {
      estimate = Math.min(estimate, counts[cell(key, row)]);
    }
    return estimate;
  }

  private static int cell(long key, int row) {
    return row * WIDTH + ((int) (key >>> (row * WIDTH_BITS)) & (WIDTH - 1));
  }
}
