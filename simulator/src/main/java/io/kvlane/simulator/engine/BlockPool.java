package io.kvlane.simulator.engine;

import java.util.OptionalLong;
import org.agrona.collections.Long2LongHashMap;

/**
 * The physical blocks of an engine's KV cache, after vLLM's block pool: free blocks wait in one
 * queue, least recently used first, and keep their content until they are taken for something else.
 * A request gives its blocks back last block first, so eviction takes a prompt from its tail. Two
 * blocks may hold the same content. Not thread-safe.
 *
 * @see <a
 *     href="https://github.com/vllm-project/vllm/blob/main/vllm/v1/core/block_pool.py">vllm/v1/core/block_pool.py</a>
 */
public final class BlockPool {
  private static final int NONE = -1;

  /** Where a request's blocks without reusable content go when it gives them back. */
  public enum EmptyBlocks {
    /** To the head of the queue, so that they are taken first: vLLM 0.32. */
    FIRST,
    /** In line with the others: vLLM 0.18. */
    IN_LINE
  }

  private final int size;
  private final EmptyBlocks emptyBlocks;
  // The free queue, doubly linked through the sentinel at index `size`.
  private final int[] next;
  private final int[] previous;
  private final int[] users;
  private final long[] hashes;
  private final boolean[] stored;
  // Of blocks with equal content the map names the newest, which leads to the older ones.
  private final Long2LongHashMap newest = new Long2LongHashMap(NONE);
  private final int[] older;
  private int free;

  /** A pool of {@code size} empty blocks, at least 1, that works as the newest engine does. */
  public BlockPool(int size) {
    this(size, EmptyBlocks.FIRST);
  }

  /** A pool of {@code size} empty blocks, at least 1. */
  public BlockPool(int size, EmptyBlocks emptyBlocks) {
    if (size < 1) {
      throw new IllegalArgumentException("blocks: " + size + " (expected: >= 1)");
    }
    this.size = size;
    this.emptyBlocks = emptyBlocks;
    next = new int[size + 1];
    previous = new int[size + 1];
    users = new int[size];
    hashes = new long[size];
    stored = new boolean[size];
    older = new int[size];
    for (int i = 0; i <= size; i++) {
      next[i] = i == size ? 0 : i + 1;
      previous[i] = i == 0 ? size : i - 1;
    }
    free = size;
  }

  public int size() {
    return size;
  }

  /** Blocks that no request uses; they may hold reusable content. */
  public int free() {
    return free;
  }

  /** Number of different contents that can be reused. */
  public int cached() {
    return newest.size();
  }

  /** A block with this content, or -1. */
  int find(long hash) {
    return (int) newest.get(hash);
  }

  boolean isFree(int block) {
    return users[block] == 0;
  }

  /** Pins a cached block for one more request. */
  void pin(int block) {
    if (users[block]++ == 0) {
      unlink(block);
    }
  }

  /** Takes the block that is {@link #nextVictim next in line}, empty, for one request. */
  int allocate() {
    int block = next[size];
    if (block == size) {
      throw new IllegalStateException("no free block of " + size);
    }
    forget(block);
    unlink(block);
    users[block] = 1;
    return block;
  }

  /** The content that the next {@link #allocate} evicts, if any. */
  OptionalLong nextVictim() {
    int block = next[size];
    return block != size && stored[block] ? OptionalLong.of(hashes[block]) : OptionalLong.empty();
  }

  /**
   * Makes the content of a pinned block reusable.
   *
   * @return whether no other block had it
   */
  boolean store(int block, long hash) {
    hashes[block] = hash;
    stored[block] = true;
    older[block] = (int) newest.put(hash, block);
    return older[block] == NONE;
  }

  /** Gives back one request's blocks, {@code blocks[0, count)}, tail first. */
  void release(int[] blocks, int count) {
    for (int i = count - 1; i >= 0; i--) {
      int block = blocks[i];
      if (--users[block] == 0) {
        boolean first = emptyBlocks == EmptyBlocks.FIRST && !stored[block];
        insert(block, first ? size : previous[size]);
      }
    }
  }

  /** Forgets all content, unless a request uses a block. */
  boolean clear() {
    if (free < size) {
      return false;
    }
    newest.clear();
    for (int i = 0; i < size; i++) {
      stored[i] = false;
    }
    return true;
  }

  private void insert(int block, int after) {
    next[block] = next[after];
    previous[block] = after;
    previous[next[after]] = block;
    next[after] = block;
    free++;
  }

  private void unlink(int block) {
    next[previous[block]] = next[block];
    previous[next[block]] = previous[block];
    free--;
  }

  private void forget(int block) {
    if (!stored[block]) {
      return;
    }
    stored[block] = false;
    long hash = hashes[block];
    int at = find(hash);
    if (at == block) {
      if (older[block] == NONE) {
        newest.remove(hash);
      } else {
        newest.put(hash, older[block]);
      }
      return;
    }
    while (older[at] != block) {
      at = older[at];
    }
    older[at] = older[block];
  }
}
