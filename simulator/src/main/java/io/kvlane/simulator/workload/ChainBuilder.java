package io.kvlane.simulator.workload;

import io.kvlane.locality.prefix.Blocks;
import java.util.Arrays;

/**
 * Builds the block keys of a growing text that is made of numbered contents. Equal contents in
 * equal places give equal keys. Not thread-safe.
 */
final class ChainBuilder {
  private final int blockTokens;
  private long[] keys;
  private int count;
  private long tokens;
  // What the block under construction has so far.
  private long partial;

  ChainBuilder(int blockTokens, long root) {
    this.blockTokens = blockTokens;
    this.keys = new long[8];
    this.partial = root;
  }

  private ChainBuilder(ChainBuilder from) {
    blockTokens = from.blockTokens;
    keys = Arrays.copyOf(from.keys, Math.max(8, from.count + 4));
    count = from.count;
    tokens = from.tokens;
    partial = from.partial;
  }

  /** A copy that grows on its own. */
  ChainBuilder branch() {
    return new ChainBuilder(this);
  }

  /** Appends {@code length} tokens of a content. */
  ChainBuilder append(long content, int length) {
    int offset = 0;
    while (offset < length) {
      int room = blockTokens - (int) (tokens % blockTokens);
      int piece = Math.min(room, length - offset);
      partial = Blocks.key(Blocks.key(partial, content), (long) offset << 32 | piece);
      tokens += piece;
      offset += piece;
      if (piece == room) {
        if (count == keys.length) {
          keys = Arrays.copyOf(keys, count * 2);
        }
        keys[count++] = partial;
      }
    }
    return this;
  }

  int tokens() {
    return Math.toIntExact(tokens);
  }

  /** Number of full blocks. */
  int blocks() {
    return count;
  }

  /** Keys of the full blocks. */
  long[] keys() {
    return Arrays.copyOf(keys, count);
  }
}
