package io.kvlane.router.telemetry.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes numbers and short strings close together, for {@link PackReader}. Each thread has one and
 * uses it again and again.
 */
final class PackWriter {
  private static final ThreadLocal<PackWriter> OWN = ThreadLocal.withInitial(PackWriter::new);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int ONE_BYTE = 0x80;

  private byte[] bytes = new byte[1 << 10];
  private int length;

  private PackWriter() {}

  /** This thread's, empty. */
  static PackWriter begin() {
    PackWriter own = OWN.get();
    own.length = 0;
    return own;
  }

  /** Bytes that were written. */
  int length() {
    return length;
  }

  /** Copies some of what was written. */
  void copy(int from, byte[] to, int at, int count) {
    System.arraycopy(bytes, from, to, at, count);
  }

  void flag(boolean flag) {
    room(1);
    bytes[length++] = (byte) (flag ? 1 : 0);
  }

  /** Small numbers of either sign take a byte or two. */
  void number(long number) {
    room(10);
    long rest = number << 1 ^ number >> 63;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | ONE_BYTE);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** A number that may be of any size. */
  void key(long key) {
    room(Long.BYTES);
    LONGS.set(bytes, length, key);
    length += Long.BYTES;
  }

  void real(double real) {
    key(Double.doubleToRawLongBits(real));
  }

  @SuppressWarnings("EnumOrdinal") // it does not leave this process
  void word(@Nullable Enum<?> word) {
    number(word == null ? -1 : word.ordinal());
  }

  /** Its length in bytes, the lowest bit set if it is not all ASCII; then the bytes. */
  void text(String text) {
    int before = length;
    int count = text.length();
    number((long) count << 1);
    room(count);
    int all = 0;
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      all |= c;
      bytes[length + i] = (byte) c;
    }
    length += count;
    if (all >= ONE_BYTE) {
      length = before;
      beyondAscii(text);
    }
  }

  private void beyondAscii(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    number((long) utf8.length << 1 | 1);
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
