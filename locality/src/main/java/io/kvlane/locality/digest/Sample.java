package io.kvlane.locality.digest;

import io.kvlane.locality.log.DigestDelta;

/**
 * Which blocks stand for all, and under what number. A key is a hash, so its lowest bits pick an
 * even sample on which all routers agree, and other bits of it serve as fingerprint. With n blocks
 * in a digest a block that is not there is taken for one that is with probability n / 2^40.
 */
final class Sample {
  private static final int SHIFT = 20;
  private static final long MASK = (1L << DigestDelta.FINGERPRINT_BITS) - 1;

  private Sample() {}

  static boolean contains(long key, int strideBits) {
    return (key & ((1L << strideBits) - 1)) == 0;
  }

  /** Never 0, which an index takes for no key. */
  static long fingerprint(long key) {
    return Math.max(1, (key >>> SHIFT) & MASK);
  }
}
