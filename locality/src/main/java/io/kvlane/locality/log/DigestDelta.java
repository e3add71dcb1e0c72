package io.kvlane.locality.log;

import java.util.ArrayList;
import java.util.List;

/**
 * What changed in a region's digest, or all of it: fingerprints of the sampled blocks that at least
 * 1, 2, 4 and 8 of its replicas hold. Carries neither text nor token ids.
 *
 * @param log life of the digest that the versions count in, not 0
 * @param from version after which this counts; {@link #WHOLE} if it is all that there is
 * @param to version that a reader has afterwards
 * @param strideBits one block in 2 to the power of this is sampled
 * @param levels at index i, of blocks that at least {@code 1 << i} replicas hold; {@link #LEVELS}
 */
public record DigestDelta(long log, long from, long to, int strideBits, List<Level> levels) {
  /** Numbers of replicas that are told apart: 1, 2, 4, 8 and more. */
  public static final int LEVELS = 4;

  /** Bits of a fingerprint. */
  public static final int FINGERPRINT_BITS = SortedKeys.BITS;

  /** Instead of a version: nothing is known yet. */
  public static final long WHOLE = -1;

  private static final int MAX_STRIDE_BITS = 20;

  public DigestDelta {
    levels = List.copyOf(levels);
    if (levels.size() != LEVELS) {
      throw new IllegalArgumentException(
          "levels: " + levels.size() + " (expected: " + LEVELS + ")");
    }
  }

  /**
   * Fingerprints, ascending.
   *
   * @param gained that now belong to the level
   * @param lost that no longer do
   */
  public record Level(long[] gained, long[] lost) {
    public boolean isEmpty() {
      return gained.length == 0 && lost.length == 0;
    }
  }

  /** Whether this is all that there is, and not a change. */
  public boolean isWhole() {
    return from == WHOLE;
  }

  /**
   * Layout, little-endian: magic {@code KVG}, version 1, log, from, to (8 each), strideBits (1),
   * per level a byte that says whether it is empty (0), else gained and lost as ascending numbers
   * in Golomb-Rice code: count (4) and, if above 0, bits of the remainder (1), length (4), code;
   * last the CRC-32C of all before it (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVG", "");
    out.putLong(log).putLong(from).putLong(to).putByte(strideBits);
    for (Level level : levels) {
      out.putByte(level.isEmpty() ? 0 : 1);
      if (!level.isEmpty()) {
        SortedKeys.write(out, level.gained);
        SortedKeys.write(out, level.lost);
      }
    }
    return out.finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static DigestDelta decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVG", bytes);
    long log = in.getLong();
    long from = in.getLong();
    long to = in.getLong();
    int strideBits = in.getByte();
    if (strideBits < 0 || strideBits > MAX_STRIDE_BITS) {
      throw new LogFormatException("stride of " + strideBits + " bits");
    }
    List<Level> levels = new ArrayList<>(LEVELS);
    for (int i = 0; i < LEVELS; i++) {
      levels.add(
          in.getByte() == 0
              ? new Level(new long[0], new long[0])
              : new Level(SortedKeys.read(in), SortedKeys.read(in)));
    }
    in.finish();
    return new DigestDelta(log, from, to, strideBits, levels);
  }

  @Override
  public String toString() {
    return "DigestDelta[" + log + ", " + from + ".." + to + ']';
  }
}
