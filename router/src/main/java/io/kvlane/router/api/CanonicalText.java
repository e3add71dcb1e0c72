package io.kvlane.router.api;

import io.kvlane.locality.prefix.Blocks;
import java.util.Arrays;

/**
 * The canonical bytes of one part of a prompt: its JSON without white space, with decoded strings,
 * and with markers that occur in no UTF-8 text in place of punctuation. Equal prompts give equal
 * bytes however a client writes its JSON. Reused from request to request.
 */
final class CanonicalText {
  static final int OBJECT = 0xf8;
  static final int END_OBJECT = 0xf9;
  static final int ARRAY = 0xfa;
  static final int END_ARRAY = 0xfb;
  static final int NAME = 0xfc;
  static final int STRING = 0xfd;
  static final int LITERAL = 0xfe;
  static final int SECTION = 0xff;

  private static final int INITIAL = 4096;
  private static final int KEPT = 256 << 10;

  private byte[] bytes = new byte[INITIAL];
  private int length;

  void reset() {
    length = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[INITIAL];
    }
  }

  boolean isEmpty() {
    return length == 0;
  }

  void mark(int marker) {
    reserve(1);
    bytes[length++] = (byte) marker;
  }

  /** Appends {@code chars} as UTF-8; a lone surrogate as the three bytes it would have. */
  void text(char[] chars, int offset, int count) {
    reserve(3L * count);
    byte[] out = bytes;
    int at = length;
    int end = offset + count;
    for (int i = offset; i < end; i++) {
      int c = chars[i];
      if (c < 0x80) {
        out[at++] = (byte) c;
      } else if (c < 0x800) {
        out[at++] = (byte) (0xc0 | (c >> 6));
        out[at++] = continuation(c);
      } else if (Character.isHighSurrogate((char) c)
          && i + 1 < end
          && Character.isLowSurrogate(chars[i + 1])) {
        int point = Character.toCodePoint((char) c, chars[++i]);
        out[at++] = (byte) (0xf0 | (point >> 18));
        out[at++] = continuation(point >> 12);
        out[at++] = continuation(point >> 6);
        out[at++] = continuation(point);
      } else {
        out[at++] = (byte) (0xe0 | (c >> 12));
        out[at++] = continuation(c >> 6);
        out[at++] = continuation(c);
      }
    }
    length = at;
  }

  private static byte continuation(int bits) {
    return (byte) (0x80 | (bits & 0x3f));
  }

  void text(String text) {
    char[] chars = text.toCharArray();
    text(chars, 0, chars.length);
  }

  void appendTo(Blocks.TextBuilder builder) {
    builder.append(bytes, 0, length);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(long more) {
    long needed = length + more;
    if (needed > bytes.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new IllegalStateException("prompt of " + needed + " bytes");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16L, needed * 2));
    }
  }
}
