package io.kvlane.simulator.text;

/** The text of a trace's block: equal ids give equal text, which has one token per word. */
public final class BlockText {
  private static final long WORDS_PER_ID = 1 << 20;

  private BlockText() {}

  /** Appends the first {@code tokens} words of block {@code id}; ASCII, nothing to escape. */
  public static void append(long id, int tokens, StringBuilder out) {
    for (int i = 0; i < tokens; i++) {
      Words.append(id * WORDS_PER_ID + i, out);
    }
  }
}
