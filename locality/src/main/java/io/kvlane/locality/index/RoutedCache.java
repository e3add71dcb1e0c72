package io.kvlane.locality.index;

import java.util.Arrays;

/**
 * What one replica's cache should hold, judged only by the chains that were routed to it: an LRU of
 * blocks as large as the engine's cache, for engines that publish no KV events. Like the engines'
 * own caches it gives up the tail of the least recently used chain first.
 *
 * <p>How many blocks fit is learned on the way, so it is said anew with each request. An
 * open-addressing table of slots threaded on a doubly linked list; 20 to 40 bytes a block. Not
 * thread-safe.
 */
public final class RoutedCache {
  private static final int NIL = -1;
  private static final int MAX_CAPACITY = 1 << 28;

  private long[] keys = new long[16];
  private int[] newer = new int[16];
  private int[] older = new int[16];
  private int[] table = new int[64];
  private int mask = table.length - 1;

  private int newest = NIL;
  private int oldest = NIL;
  private int size;

  /** Creates an empty cache. */
  public RoutedCache() {
    Arrays.fill(table, NIL);
  }

  /**
   * A request with these blocks went to the replica.
   *
   * @param chain parents before children
   * @param capacity how many blocks the cache holds, at least 1
   * @return the blocks that had to give way, perhaps some of {@code chain}'s own tail
   */
  public long[] touch(long[] chain, int capacity) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException("capacity: " + capacity + " (expected: 1..2^28)");
    }
    int used = Math.min(chain.length, capacity);
    long[] evicted = new long[chain.length + Math.max(0, size - capacity)];
    int count = 0;
    // Last block first, so that the head ends up the most recent and goes last.
    for (int i = used - 1; i >= 0; i--) {
      int at = find(chain[i]);
      int slot = table[at];
      if (slot != NIL) {
        unlink(slot);
      } else if (size < capacity) {
        slot = append(chain[i]);
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
    while (size > capacity) {
      evicted[count++] = keys[oldest];
      dropOldest();
    }
    for (int i = used; i < chain.length; i++) {
      evicted[count++] = chain[i];
    }
    return Arrays.copyOf(evicted, count);
  }

  private int append(long key) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
      newer = Arrays.copyOf(newer, size * 2);
      older = Arrays.copyOf(older, size * 2);
      table = new int[size * 8];
      mask = table.length - 1;
      Arrays.fill(table, NIL);
      for (int slot = 0; slot < size; slot++) {
        table[find(keys[slot])] = slot;
      }
    }
    int slot = size++;
    keys[slot] = key;
    table[find(key)] = slot;
    return slot;
  }

  /** The last slot moves into the gap, so that slots stay dense. */
  private void dropOldest() {
    int gap = oldest;
    unlink(gap);
    delete(find(keys[gap]));
    int last = --size;
    if (gap != last) {
      table[find(keys[last])] = gap;
      keys[gap] = keys[last];
      newer[gap] = newer[last];
      older[gap] = older[last];
      if (newer[gap] == NIL) {
        newest = gap;
      } else {
        older[newer[gap]] = gap;
      }
      if (older[gap] == NIL) {
        oldest = gap;
      } else {
        newer[older[gap]] = gap;
      }
    }
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
    return "RoutedCache[" + size + " blocks]";
  }
}
