package io.kvlane.router.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Checks and writes UTF-8. */
final class Utf8 {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /**
   * Where the first malformed sequence begins, -1 if there is none.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc3629#section-4">RFC 3629, section 4</a>
   */
  static int firstMalformed(byte[] bytes, int length) {
    int i = 0;
    while (i < length) {
      while (i + 8 <= length && ((long) LONG.get(bytes, i) & HIGH_BITS) == 0) {
        i += 8;
      }
      if (i >= length) {
        return -1;
      }
      int b = bytes[i];
      if (b >= 0) {
        i++;
        continue;
      }
      int n = sequence(bytes, i, length);
      if (n == 0) {
        return i;
      }
      i += n;
    }
    return -1;
  }

  /** Length of the well-formed sequence of two or more bytes at {@code i}; 0 if it is none. */
  private static int sequence(byte[] bytes, int i, int length) {
    int b = bytes[i] & 0xff;
    int n = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
    if (b < 0xc2 || b > 0xf4 || i + n > length) {
      return 0;
    }
    int second = bytes[i + 1] & 0xff;
    int least = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    int most = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return 0;
    }
    for (int k = 2; k < n; k++) {
      if ((bytes[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return n;
  }
}
