package io.kvlane.simulator.text;

/**
 * Cuts text into pieces of at most four UTF-16 units and names each by a hash. A piece ends before
 * whitespace that follows something else, and never between surrogates. Pieces are found from left
 * to right without looking ahead, so appending text changes at most the last token, and text that
 * starts with whitespace has the same tokens behind any text that does not end with it.
 */
public final class Tokenizer {
  /** Ids of text are in [256, 128256). */
  private static final int FIRST_TEXT_ID = 256;

  private static final int TEXT_IDS = 128_000;
  private static final int SPECIAL_IDS = 4_096;
  private static final int PIECE = 4;

  private Tokenizer() {}

  /** Appends the tokens of {@code text}. */
  public static void encode(CharSequence text, TokenList out) {
    int length = text.length();
    int start = 0;
    while (start < length) {
      char c = text.charAt(start);
      long packed = c;
      int end = start + 1;
      boolean blank = isBlank(c);
      while (end < length) {
        char next = text.charAt(end);
        boolean nextBlank = isBlank(next);
        int room = PIECE - (end - start);
        if ((room == 0 && !Character.isLowSurrogate(next))
            || (room == 1 && Character.isHighSurrogate(next))
            || (nextBlank && !blank)
            || room < 0) {
          break;
        }
        packed = (packed << 16) | next;
        blank = nextBlank;
        end++;
      }
      out.add(FIRST_TEXT_ID + scale(packed, TEXT_IDS));
      start = end;
    }
  }

  /** The tokens of {@code text}. */
  public static int[] encode(CharSequence text) {
    TokenList out = new TokenList(text.length() / 3);
    encode(text, out);
    return out.toArray();
  }

  /** The id of a control token such as {@code <|user|>}, which no text has. */
  public static int special(String name) {
    long packed = 0;
    for (int i = 0; i < name.length(); i++) {
      packed = packed * 31 + name.charAt(i);
    }
    return FIRST_TEXT_ID + TEXT_IDS + scale(packed, SPECIAL_IDS);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  private static int scale(long value, int bound) {
    return (int) (((Words.mix(value) >>> 33) * bound) >>> 31);
  }
}
