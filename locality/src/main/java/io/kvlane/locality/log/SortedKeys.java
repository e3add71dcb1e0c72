package io.kvlane.locality.log;

import java.util.Arrays;

/**
 * Writes ascending numbers of up to 40 bits in little more space than their information: the
 * differences in Golomb-Rice codes [1]. For numbers that are hashes, n of them take about 41.5 -
 * log2(n) bits each.
 *
 * <p>[1] R. F. Rice, Some Practical Universal Noiseless Coding Techniques, JPL 79-22, 1979.
 */
final class SortedKeys {
  /** Numbers are below 2 to the power of this. */
  static final int BITS = 40;

  private static final int MAX_QUOTIENT = 1 << 20;

  private SortedKeys() {}

  /** {@code keys}: ascending, each once. */
  static void write(ByteWriter out, long[] keys) {
    out.putInt(keys.length);
    if (keys.length == 0) {
      return;
    }
    int remainderBits = Math.max(0, BITS - 1 - (63 - Long.numberOfLeadingZeros(keys.length)));
    BitWriter bits = new BitWriter(keys.length * (remainderBits + 3) / 8 + 8);
    long before = -1;
    for (long key : keys) {
      long gap = key - before - 1;
      before = key;
      for (long quotient = gap >>> remainderBits; quotient > 0; quotient--) {
        bits.put(1, 1);
      }
      bits.put(0, 1);
      bits.put(gap & ((1L << remainderBits) - 1), remainderBits);
    }
    byte[] coded = bits.bytes();
    out.putByte(remainderBits).putInt(coded.length).putBytes(coded);
  }

  static long[] read(ByteReader in) throws LogFormatException {
    int count = in.getInt();
    if (count == 0) {
      return new long[0];
    }
    int remainderBits = in.getByte();
    int length = in.getInt();
    if (remainderBits < 0 || remainderBits >= BITS || length < 0) {
      throw new LogFormatException("keys: " + remainderBits + " bits, " + length + " bytes");
    }
    byte[] coded = in.getBytes(length);
    if (count < 0 || (long) count * (remainderBits + 1) > 8L * length) {
      throw new LogFormatException("keys: " + count + " in " + length + " bytes");
    }
    BitReader bits = new BitReader(coded);
    long[] keys = new long[count];
    long before = -1;
    for (int i = 0; i < count; i++) {
      int quotient = 0;
      while (bits.get(1) != 0) {
        if (++quotient > MAX_QUOTIENT) {
          throw new LogFormatException("key " + i + " is too far from the one before it");
        }
      }
      before += 1 + (((long) quotient << remainderBits) | bits.get(remainderBits));
      if (before >= 1L << BITS) {
        throw new LogFormatException("key " + i + " has more than " + BITS + " bits");
      }
      keys[i] = before;
    }
    return keys;
  }

  /** Most significant bit first. */
  private static final class BitWriter {
    private byte[] bytes;
    private int at;

    BitWriter(int bytes) {
      this.bytes = new byte[bytes];
    }

    void put(long value, int count) {
      if (at + count > 8 * bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * bytes.length + count / 8);
      }
      for (int i = count - 1; i >= 0; i--, at++) {
        bytes[at >>> 3] |= (byte) (((value >>> i) & 1) << (7 - (at & 7)));
      }
    }

    byte[] bytes() {
      return Arrays.copyOf(bytes, (at + 7) >>> 3);
    }
  }

  private static final class BitReader {
    private final byte[] bytes;
    private int at;

    BitReader(byte[] bytes) {
      this.bytes = bytes;
    }

    long get(int count) throws LogFormatException {
      if (at + count > 8 * bytes.length) {
        throw new LogFormatException("keys end early");
      }
      long value = 0;
      for (int i = 0; i < count; i++, at++) {
        value = value << 1 | (bytes[at >>> 3] >>> (7 - (at & 7)) & 1);
      }
      return value;
    }
  }
}
