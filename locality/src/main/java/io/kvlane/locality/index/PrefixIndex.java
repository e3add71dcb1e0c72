package io.kvlane.locality.index;

import io.kvlane.locality.prefix.Chain;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Block key -> set of replicas, in primitive arrays: 24 bytes a block for up to 64 replicas, 8 more
 * for each further 64.
 *
 * <p><b>Idea.</b> Agents report the blocks of a prompt in chain order, so consecutive blocks of a
 * chain mostly lie in consecutive <em>slots</em>. A lookup therefore first tries the slot after the
 * one it just matched, which is a sequential read, and falls back to the hash table only where the
 * guess fails. Freed slots are reused last in, first out: engines evict tail first, so the next
 * prompt takes them head first, in order again.
 *
 * <p><b>Table.</b> Chained hashing whose bucket array grows one bucket at a time by linear hashing
 * [1]: no rehash pause, and memory follows the content page by page.
 *
 * <p><b>Threads.</b> One writer at a time, any number of readers, no locks. A reader takes a mask
 * for a key only if the slot held that key before and after it read the mask, and the writer clears
 * the mask before a slot changes its key: a lookup never reports a replica that did not hold the
 * block. It may miss a block while that block's bucket is being relinked; it then looks again, a
 * bounded number of times.
 *
 * <p><b>Bound.</b> At {@code maxBytes} the oldest slots make room. Under-reporting heals, it only
 * costs latency.
 *
 * <p>[1] W. Litwin, Linear Hashing: A New Tool for File and Table Addressing, VLDB 1980.
 */
public final class PrefixIndex {
  /** Told by the writer's thread how many replicas hold a block, at each change. */
  @FunctionalInterface
  public interface Holders {
    void changed(long key, int before, int after);
  }

  private static final int NIL = -1;
  private static final int PAGE_BITS = 14;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int PAGE_MASK = PAGE - 1;

  /** A reader that strayed into a reused slot leaves the foreign bucket after this many steps. */
  private static final int MAX_STEPS = 64;

  private static final int MAX_RETRIES = 3;

  /** Masks that a reader takes together while no replica's run ends: a line of the cache. */
  private static final int STRIDE = 8;

  /** Keys that a reader compares before it takes their masks: so both come from memory at once. */
  private static final int WINDOW = 64;

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

  private static final VarHandle BUCKETS = field("buckets", int.class);
  private static final VarHandle RELINKS = field("relinks", int.class);
  private static final VarHandle BLOCKS = field("blocks", long.class);
  private static final VarHandle EVICTIONS = field("evictions", long.class);
  private static final VarHandle BYTES = field("bytes", long.class);

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(PrefixIndex.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int words;
  private final int maxSlots;
  private final long[][] keys;
  private final long[][] masks;
  private final int[][] next;
  private final int[][] heads;

  /** Replicas whose bits count. A replica being dropped is hidden before its bits are cleared. */
  private final long[] live;

  private final long[] blocksOf;

  private Holders holders = (key, before, after) -> {};

  // The one writer assigns these with release semantics and reads them plainly.

  /** Number of buckets; buckets split in order, so this alone says where a key belongs. */
  private int buckets = 1;

  /** Grows whenever a bucket is relinked: a miss across a change is looked up again. */
  private int relinks;

  private long blocks;
  private long evictions;
  private long bytes;

  private int fresh;
  private int free = NIL;
  private int hand;

  /**
   * Creates an empty index.
   *
   * @param maxReplicas replicas are numbered [0, maxReplicas)
   * @param maxBytes upper bound of the arrays' size; at least one page, about 400 kB
   */
  public PrefixIndex(int maxReplicas, long maxBytes) {
    if (maxReplicas < 1) {
      throw new IllegalArgumentException("maxReplicas: " + maxReplicas + " (expected: >= 1)");
    }
    words = (maxReplicas + 63) >>> 6;
    long bytesPerPage = (long) PAGE * (Long.BYTES + (long) words * Long.BYTES + 2 * Integer.BYTES);
    long maxPages = Math.min(maxBytes / bytesPerPage, Integer.MAX_VALUE / PAGE);
    if (maxPages < 1) {
      throw new IllegalArgumentException(
          "maxBytes: " + maxBytes + " (expected: >= " + bytesPerPage + ")");
    }
    maxSlots = (int) maxPages * PAGE;
    keys = new long[(int) maxPages][];
    masks = new long[(int) maxPages][];
    next = new int[(int) maxPages][];
    heads = new int[(int) maxPages][];
    live = new long[words];
    Arrays.fill(live, -1);
    blocksOf = new long[words * 64];
    addHeadPage(0);
  }

  // Writer's side.

  /** Tells {@code holders} of every change from now on. */
  public void watch(Holders holders) {
    this.holders = holders;
  }

  /** Tells {@code all} of every block, as if its replicas had just stored it. */
  public void tell(Holders all) {
    for (int slot = 0; slot < fresh; slot++) {
      long key = keys[slot >>> PAGE_BITS][slot & PAGE_MASK];
      if (key != 0) {
        all.changed(key, 0, holding(slot));
      }
    }
  }

  /** The blocks that {@code replica} holds, in no order. */
  public long[] held(int replica) {
    checkReplica(replica);
    long[] held = new long[(int) blocksOf[replica]];
    long bit = 1L << replica;
    int count = 0;
    for (int slot = 0; slot < fresh && count < held.length; slot++) {
      if ((masks[slot >>> PAGE_BITS][(slot & PAGE_MASK) * words + (replica >>> 6)] & bit) != 0) {
        held[count++] = keys[slot >>> PAGE_BITS][slot & PAGE_MASK];
      }
    }
    return held;
  }

  /** {@code replica} now holds these blocks. Repeats are harmless. */
  public void store(int replica, long[] blockKeys) {
    checkReplica(replica);
    int word = replica >>> 6;
    long bit = 1L << replica;
    int guess = NIL;
    for (long key : blockKeys) {
      if (key == 0) {
        continue; // 0 marks free slots; one block in 2^64 goes unreported
      }
      int slot = matches(guess, key) ? guess : find(key);
      if (slot == NIL) {
        slot = insert(key);
      }
      long[] page = masks[slot >>> PAGE_BITS];
      int at = (slot & PAGE_MASK) * words + word;
      if ((page[at] & bit) == 0) {
        LONGS.setRelease(page, at, page[at] | bit);
        blocksOf[replica]++;
        int holding = holding(slot);
        holders.changed(key, holding - 1, holding);
      }
      guess = slot + 1;
    }
  }

  /** {@code replica} no longer holds these blocks. Unknown ones are ignored. */
  public void remove(int replica, long[] blockKeys) {
    checkReplica(replica);
    for (long key : blockKeys) {
      int slot = find(key);
      if (slot != NIL) {
        clear(slot, replica);
      }
    }
  }

  /**
   * Forgets everything about {@code replica}. Readers see it gone at once; the sweep of its bits
   * that follows takes about a nanosecond a slot.
   */
  public void drop(int replica) {
    checkReplica(replica);
    int word = replica >>> 6;
    long bit = 1L << replica;
    LONGS.setVolatile(live, word, live[word] & ~bit);
    if (blocksOf[replica] > 0) {
      // From the last slot down, so that the free list hands them out again in ascending order.
      for (int slot = fresh - 1; slot >= 0; slot--) {
        if ((masks[slot >>> PAGE_BITS][(slot & PAGE_MASK) * words + word] & bit) != 0) {
          clear(slot, replica);
        }
      }
    }
    LONGS.setVolatile(live, word, live[word] | bit);
  }

  private void clear(int slot, int replica) {
    long[] page = masks[slot >>> PAGE_BITS];
    int at = (slot & PAGE_MASK) * words + (replica >>> 6);
    long bit = 1L << replica;
    if ((page[at] & bit) == 0) {
      return;
    }
    LONGS.setRelease(page, at, page[at] & ~bit);
    blocksOf[replica]--;
    int holding = holding(slot);
    holders.changed(keys[slot >>> PAGE_BITS][slot & PAGE_MASK], holding + 1, holding);
    if (holding == 0) {
      release(slot);
    }
  }

  /** How many replicas hold the block in a slot. */
  private int holding(int slot) {
    long[] page = masks[slot >>> PAGE_BITS];
    int base = (slot & PAGE_MASK) * words;
    int count = 0;
    for (int w = 0; w < words; w++) {
      count += Long.bitCount(page[base + w]);
    }
    return count;
  }

  private boolean matches(int slot, long key) {
    return slot > NIL && slot < fresh && keys[slot >>> PAGE_BITS][slot & PAGE_MASK] == key;
  }

  private int find(long key) {
    int bucket = bucket(key, buckets);
    int slot = heads[bucket >>> PAGE_BITS][bucket & PAGE_MASK];
    while (slot != NIL && keys[slot >>> PAGE_BITS][slot & PAGE_MASK] != key) {
      slot = next[slot >>> PAGE_BITS][slot & PAGE_MASK];
    }
    return slot;
  }

  private int insert(long key) {
    int slot = allocate();
    if (blocks >= buckets && buckets < maxSlots) {
      split();
    }
    link(slot, bucket(key, buckets));
    LONGS.setRelease(keys[slot >>> PAGE_BITS], slot & PAGE_MASK, key);
    BLOCKS.setRelease(this, blocks + 1);
    return slot;
  }

  private int allocate() {
    if (free == NIL && fresh == maxSlots) {
      evictOldest();
    }
    if (free != NIL) {
      int slot = free;
      free = next[slot >>> PAGE_BITS][slot & PAGE_MASK];
      return slot;
    }
    int slot = fresh;
    if ((slot & PAGE_MASK) == 0) {
      int page = slot >>> PAGE_BITS;
      keys[page] = new long[PAGE];
      masks[page] = new long[PAGE * words];
      next[page] = new int[PAGE];
      BYTES.setRelease(
          this, bytes + (long) PAGE * (Long.BYTES + (long) words * Long.BYTES + Integer.BYTES));
    }
    fresh++;
    return slot;
  }

  private void evictOldest() {
    int slot = hand;
    hand = (hand + 1) % maxSlots;
    long[] page = masks[slot >>> PAGE_BITS];
    int base = (slot & PAGE_MASK) * words;
    holders.changed(keys[slot >>> PAGE_BITS][slot & PAGE_MASK], holding(slot), 0);
    for (int w = 0; w < words; w++) {
      for (long left = page[base + w]; left != 0; left &= left - 1) {
        blocksOf[(w << 6) + Long.numberOfTrailingZeros(left)]--;
      }
      LONGS.setRelease(page, base + w, 0L);
    }
    release(slot);
    EVICTIONS.setRelease(this, evictions + 1);
  }

  /** Takes a slot without replicas out of its bucket and onto the free list. */
  private void release(int slot) {
    long[] page = keys[slot >>> PAGE_BITS];
    unlink(slot, bucket(page[slot & PAGE_MASK], buckets));
    LONGS.setRelease(page, slot & PAGE_MASK, 0L);
    INTS.setRelease(next[slot >>> PAGE_BITS], slot & PAGE_MASK, free);
    free = slot;
    BLOCKS.setRelease(this, blocks - 1);
  }

  private void link(int slot, int bucket) {
    int[] page = heads[bucket >>> PAGE_BITS];
    INTS.setRelease(next[slot >>> PAGE_BITS], slot & PAGE_MASK, page[bucket & PAGE_MASK]);
    INTS.setRelease(page, bucket & PAGE_MASK, slot);
  }

  private void unlink(int slot, int bucket) {
    int after = next[slot >>> PAGE_BITS][slot & PAGE_MASK];
    int[] page = heads[bucket >>> PAGE_BITS];
    int at = page[bucket & PAGE_MASK];
    if (at == slot) {
      INTS.setRelease(page, bucket & PAGE_MASK, after);
    } else {
      while (next[at >>> PAGE_BITS][at & PAGE_MASK] != slot) {
        at = next[at >>> PAGE_BITS][at & PAGE_MASK];
      }
      INTS.setRelease(next[at >>> PAGE_BITS], at & PAGE_MASK, after);
    }
    RELINKS.setRelease(this, relinks + 1);
  }

  /** Moves the part of one bucket that belongs to a new one, and makes the new one known. */
  private void split() {
    int added = buckets;
    if ((added & PAGE_MASK) == 0) {
      addHeadPage(added >>> PAGE_BITS);
    }
    int old = added - Integer.highestOneBit(added);
    int slot = heads[old >>> PAGE_BITS][old & PAGE_MASK];
    int stay = NIL;
    int move = NIL;
    RELINKS.setRelease(this, relinks + 1);
    while (slot != NIL) {
      int[] page = next[slot >>> PAGE_BITS];
      int after = page[slot & PAGE_MASK];
      if (bucket(keys[slot >>> PAGE_BITS][slot & PAGE_MASK], added + 1) == old) {
        INTS.setRelease(page, slot & PAGE_MASK, stay);
        stay = slot;
      } else {
        INTS.setRelease(page, slot & PAGE_MASK, move);
        move = slot;
      }
      slot = after;
    }
    INTS.setRelease(heads[added >>> PAGE_BITS], added & PAGE_MASK, move);
    INTS.setRelease(heads[old >>> PAGE_BITS], old & PAGE_MASK, stay);
    BUCKETS.setRelease(this, added + 1);
    RELINKS.setRelease(this, relinks + 1);
  }

  private void addHeadPage(int number) {
    int[] page = new int[PAGE];
    Arrays.fill(page, NIL);
    heads[number] = page;
    BYTES.setRelease(this, bytes + (long) PAGE * Integer.BYTES);
  }

  // Readers' side.

  /**
   * How many blocks from the start of {@code chain} each replica holds without a hole.
   *
   * @param runs receives the run of replica {@code i} at {@code i}; its length is the number of
   *     replicas asked about, at most {@code maxReplicas}
   * @return the longest run
   */
  public int runs(Chain chain, int[] runs) {
    Arrays.fill(runs, 0);
    return words == 1 ? runsOfOneWord(chain, runs) : runsOfManyWords(chain, runs);
  }

  private int runsOfOneWord(Chain chain, int[] runs) {
    int length = chain.length();
    long alive = among(runs.length, 0);
    int guess = NIL;
    int i = 0;
    while (i < length) {
      int at = guess & PAGE_MASK;
      int taken = 0;
      if (guess != NIL) {
        long[] keyPage = keys[guess >>> PAGE_BITS];
        long[] maskPage = masks[guess >>> PAGE_BITS];
        int window = Math.min(WINDOW, Math.min(length - i, PAGE - at));
        int same = chain.matching(i, keyPage, at, window);
        VarHandle.loadLoadFence();
        long left = alive;
        while (taken < same && left != 0) {
          if (taken + STRIDE <= same && (left & ~common(maskPage, at + taken)) == 0) {
            taken += STRIDE;
            continue;
          }
          long mask = maskPage[at + taken];
          settle(left & ~mask, 0, i + taken, runs);
          left &= mask;
          taken++;
        }
        VarHandle.loadLoadFence();
        if (taken > 0 && chain.matching(i, keyPage, at, taken) == taken) {
          alive = left;
        } else {
          taken = 0; // a slot changed hands meanwhile, or the guess was wrong
        }
      }
      if (taken == 0) {
        guess = lookup(chain.key(i));
        long mask = guess == NIL ? 0 : maskOf(guess, 0, chain.key(i));
        settle(alive & ~mask, 0, i, runs);
        alive &= mask;
        taken = 1;
      }
      i += taken;
      guess += taken;
      if (alive == 0) {
        return i - 1;
      }
      if ((guess & PAGE_MASK) == 0) {
        guess = NIL;
      }
    }
    settle(alive, 0, length, runs);
    return length;
  }

  /** The replicas that hold all of {@link #STRIDE} slots. */
  private static long common(long[] masks, int at) {
    return masks[at]
        & masks[at + 1]
        & masks[at + 2]
        & masks[at + 3]
        & masks[at + 4]
        & masks[at + 5]
        & masks[at + 6]
        & masks[at + 7];
  }

  private int runsOfManyWords(Chain chain, int[] runs) {
    long[] alive = new long[words];
    for (int w = 0; w < words; w++) {
      alive[w] = among(runs.length, w);
    }
    int length = chain.length();
    for (int i = 0; i < length; i++) {
      long key = chain.key(i);
      int slot = lookup(key);
      long left = 0;
      for (int w = 0; w < words; w++) {
        long mask = slot == NIL ? 0 : maskOf(slot, w, key);
        settle(alive[w] & ~mask, w, i, runs);
        alive[w] &= mask;
        left |= alive[w];
      }
      if (left == 0) {
        return i;
      }
    }
    for (int w = 0; w < words; w++) {
      settle(alive[w], w, length, runs);
    }
    return length;
  }

  /** The live replicas of a word below {@code count}. */
  private long among(int count, int word) {
    int bits = Math.clamp(count - (word << 6), 0, 64);
    long asked = bits == 64 ? -1L : (1L << bits) - 1;
    return asked & (long) LONGS.getAcquire(live, word);
  }

  private static void settle(long replicas, int word, int run, int[] runs) {
    for (long left = replicas; left != 0; left &= left - 1) {
      runs[(word << 6) + Long.numberOfTrailingZeros(left)] = run;
    }
  }

  private long maskOf(int slot, int word, long key) {
    int at = slot & PAGE_MASK;
    long mask = (long) LONGS.getAcquire(masks[slot >>> PAGE_BITS], at * words + word);
    return (long) LONGS.getAcquire(keys[slot >>> PAGE_BITS], at) == key ? mask : 0;
  }

  private int lookup(long key) {
    for (int retry = 0; retry < MAX_RETRIES; retry++) {
      int before = (int) RELINKS.getAcquire(this);
      int bucket = bucket(key, (int) BUCKETS.getAcquire(this));
      int slot = (int) INTS.getAcquire(heads[bucket >>> PAGE_BITS], bucket & PAGE_MASK);
      for (int step = 0; slot != NIL && step < MAX_STEPS; step++) {
        int at = slot & PAGE_MASK;
        if ((long) LONGS.getAcquire(keys[slot >>> PAGE_BITS], at) == key) {
          return slot;
        }
        slot = (int) INTS.getAcquire(next[slot >>> PAGE_BITS], at);
      }
      if (before == (int) RELINKS.getAcquire(this)) {
        break;
      }
    }
    return NIL;
  }

  /** Linear hashing's address: the buckets up to the last split use one bit more than the rest. */
  private static int bucket(long key, int buckets) {
    int low = Integer.highestOneBit(buckets);
    int bucket = (int) key & (2 * low - 1);
    return bucket < buckets ? bucket : bucket - low;
  }

  // Statistics, for any thread; as of some recent moment.

  /** Number of distinct blocks. */
  public long blocks() {
    return (long) BLOCKS.getAcquire(this);
  }

  /** Number of blocks that {@code replica} holds. */
  public long blocks(int replica) {
    checkReplica(replica);
    return (long) LONGS.getOpaque(blocksOf, replica);
  }

  /** Number of replicas that hold a block. */
  public int replicas(long blockKey) {
    int slot = lookup(blockKey);
    int count = 0;
    for (int word = 0; slot != NIL && word < words; word++) {
      count += Long.bitCount(maskOf(slot, word, blockKey));
    }
    return count;
  }

  /** Blocks that made room for others since the start. */
  public long evictions() {
    return (long) EVICTIONS.getAcquire(this);
  }

  /** Size of the arrays. */
  public long bytes() {
    return (long) BYTES.getAcquire(this);
  }

  private void checkReplica(int replica) {
    if (replica < 0 || replica >= blocksOf.length) {
      throw new IllegalArgumentException(
          "replica: " + replica + " (expected: 0.." + (blocksOf.length - 1) + ")");
    }
  }

  @Override
  public String toString() {
    return "PrefixIndex[" + blocks() + " blocks, " + bytes() + " bytes]";
  }
}
