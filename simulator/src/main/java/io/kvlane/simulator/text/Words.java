package io.kvlane.simulator.text;

/**
 * Words that are one token each: a space and three letters. The same number names the same word.
 */
public final class Words {
  /** Bytes, characters and UTF-16 units of a word. */
  public static final int LENGTH = 4;

  private static final int LETTERS = 26;

  private Words() {}

  /** Appends the word that {@code number} names. */
  public static void append(long number, StringBuilder out) {
    long mixed = mix(number) >>> 16;
    out.append(' ');
    for (int i = 1; i < LENGTH; i++) {
      out.append((char) ('a' + mixed % LETTERS));
      mixed /= LETTERS;
    }
  }

  /** The word that {@code number} names. */
  public static String word(long number) {
    StringBuilder out = new StringBuilder(LENGTH);
    append(number, out);
    return out.toString();
  }

  /** Scatters all 64 bits (the finalizer of MurmurHash3). */
  public static long mix(long value) {
    long x = value + 0x9e3779b97f4a7c15L;
    x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
    x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return x ^ (x >>> 33);
  }
}
