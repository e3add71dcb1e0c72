package io.kvlane.router.telemetry.evidence;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Reads what {@link PackWriter} has written, in the same order. */
final class PackReader {
  private final byte[] bytes;
  private int at;

  PackReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean flag() {
    return bytes[at++] != 0;
  }

  long number() {
    long rest = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      rest |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return rest >>> 1 ^ -(rest & 1);
      }
    }
  }

  int count() {
    return Math.toIntExact(number());
  }

  long key() {
    long key = 0;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      key |= (bytes[at++] & 0xFFL) << shift;
    }
    return key;
  }

  double real() {
    return Double.longBitsToDouble(key());
  }

  <E extends Enum<E>> E word(E[] words) {
    return words[count()];
  }

  <E extends Enum<E>> @Nullable E wordOrNull(E[] words) {
    int place = count();
    return place < 0 ? null : words[place];
  }

  String text() {
    int told = count();
    int length = told >> 1;
    Charset charset = (told & 1) == 0 ? ISO_8859_1 : UTF_8;
    at += length;
    return new String(bytes, at - length, length, charset);
  }
}
