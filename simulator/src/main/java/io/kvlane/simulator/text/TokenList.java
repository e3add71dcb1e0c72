package io.kvlane.simulator.text;

import java.util.Arrays;

/** A growing list of token ids. Not thread-safe. */
public final class TokenList {
  private int[] ids;
  private int size;

  /** An empty list with room for {@code capacity} ids. */
  public TokenList(int capacity) {
    ids = new int[Math.max(16, capacity)];
  }

  public void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
    }
    ids[size++] = id;
  }

  public int size() {
    return size;
  }

  public int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
