package io.kvlane.locality.index;

import java.util.Arrays;

/**
 * What one replica's cache should hold, judged only by the chains that were routed to it: an LRU of
 * blocks as large as the engine's cache, for engines that publish no KV events. Like the engines'
 * own caches it gives up the tail of the least recently used chain first.
 *
 * <p>An open-addressing table of slots threaded on a doubly linked list; 20 bytes a block. Not
 * thread-safe.
 */
public final class RoutedCache {
  private static final int NIL = -1;

  private final int capacity;
  private final long[] keys;
  private final int[] newer;
  private final int[] older;
  private final int[] table;
  private final int mask;

  private int newest = NIL;
  private int oldest = NIL;
  private int size;

  /**
   * Creates an empty cache.
   *
   * @param capacity in blocks, at least 1
   */
  public RoutedCache(int capacity) {
    if (capacity < 1 || capacity > 1 << 28) {
      throw new IllegalArgumentException("capacity: " + capacity + " (expected: 1..2^28)");
    }
    this.capacity = capacity;
    keys = new long[capacity];
    newer = new int[capacity];
    older = new int[capacity];
    table = new int[Integer.highestOneBit(capacity) * 4];
    mask = table.length - 1;
    Arrays.fill(table, NIL);
  }

  /**
   * A request with these blocks went to the replica.
   *
   * @param chain parents before children
   * @return the blocks that had to give way, perhaps some of {@code chain}'s own tail
   */
  public long[] touch(long[] chain) {
    int used = Math.min(chain.length, capacity);
    long[] evicted = new long[chain.length];
    int count = 0;
    // Last block first, so that the head ends up the most recent and goes last.
    for (int i = used - 1; i >= 0; i--) {
      int at = find(chain[i]);
      int slot = table[at];
      if (slot != NIL) {
        unlink(slot);
      } else if (size < capacity) {
        slot = size++;
        keys[slot] = chain[i];
        table[at] = slot;
      } else {
        slot = oldest;
        unlink(slot);
        evicted[count++] = keys[slot];
        delete(find(keys[slot]));
        keys[slot] = chain[i];
        table[find(chain[i])] = slot;
      }
      linkNewest(slot);
    }
    for (int i = used; i < chain.length; i++) {
      evicted[count++] = chain[i];
    }
    return Arrays.copyOf(evicted, count);
  }

  /** The blocks, least recently used first. */
  public long[] keys() {
    long[] result = new long[size];
    int slot = oldest;
    for (int i = 0; i < size; i++) {
      result[i] = keys[slot];
      slot = newer[slot];
    }
    return result;
  }

  /** Number of blocks held. */
  public int size() {
    return size;
  }

  /** Where {@code key} is in the table, or where it would go. */
  private int find(long key) {
    int at = (int) key & mask;
    while (table[at] != NIL && keys[table[at]] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** Backward-shift deletion: leaves no tombstones (Knuth, TAOCP vol. 3, 6.4, Algorithm R). */
  private void delete(int gap) {
    int hole = gap;
    int at = (hole + 1) & mask;
    while (table[at] != NIL) {
      int home = (int) keys[table[at]] & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        table[hole] = table[at];
        hole = at;
      }
      at = (at + 1) & mask;
    }
    table[hole] = NIL;
  }

  private void unlink(int slot) {
    int up = newer[slot];
    int down = older[slot];
    if (up == NIL) {
      newest = down;
    } else {
      older[up] = down;
    }
    if (down == NIL) {
      oldest = up;
    } else {
      newer[down] = up;
    }
  }

  private void linkNewest(int slot) {
    newer[slot] = NIL;
    older[slot] = newest;
    if (newest == NIL) {
      oldest = slot;
    } else {
      newer[newest] = slot;
    }
    newest = slot;
  }

  @Override
  public String toString() {
    return "RoutedCache[" + size + " of " + capacity + " blocks]";
  }
}
