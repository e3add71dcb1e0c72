package io.kvlane.locality.digest;

import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.DigestDelta.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The changes of this region's digest, numbered, as far as memory reaches: a reader that says which
 * version it has gets what came after, and one that was away too long has to take the whole.
 *
 * <p>The digest is a sample, one block in four as long as it stays within its bound. When it
 * outgrows that, the sample is halved and a new life begins; what readers lose is resolution, not
 * reach: a cached run is then underestimated by that many blocks more.
 *
 * <p>One thread tells of changes, any thread may ask.
 */
public final class DigestLog implements PrefixIndex.Holders {
  private static final int FIRST_STRIDE_BITS = 2;
  private static final int MAX_STRIDE_BITS = 20;

  private final long[] keys;
  private final byte[] kinds;
  private final long maxEntries;
  private final LongSupplier lives;
  private int strideBits = FIRST_STRIDE_BITS;
  private long log;
  private long version;

  /** The first version whose changes are remembered. */
  private long oldest;

  private long entries;

  /**
   * @param memory changes to remember, 9 bytes each
   * @param maxEntries blocks that the digest may consist of
   * @param lives numbers that no other router's log has, such as random ones
   */
  public DigestLog(int memory, long maxEntries, LongSupplier lives) {
    this.keys = new long[memory];
    this.kinds = new byte[memory];
    this.maxEntries = maxEntries;
    this.lives = lives;
    this.log = life();
  }

  private long life() {
    return Math.max(1, lives.getAsLong() >>> 1);
  }

  @Override
  public void changed(long key, int before, int after) {
    if ((key & ((1 << FIRST_STRIDE_BITS) - 1)) == 0) {
      append(key, before, after);
    }
  }

  private synchronized void append(long key, int before, int after) {
    if (!Sample.contains(key, strideBits)) {
      return;
    }
    entries += (after > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    for (int level = 0; level < DigestDelta.LEVELS; level++) {
      int holders = 1 << level;
      if (before < holders != after < holders) {
        int at = (int) (version % keys.length);
        keys[at] = key;
        kinds[at] = (byte) (level << 1 | (after < holders ? 0 : 1));
        version++;
        oldest = Math.max(oldest, version - keys.length);
      }
    }
    if (entries > maxEntries && strideBits < MAX_STRIDE_BITS) {
      strideBits++;
      entries /= 2;
      log = life();
      oldest = version;
    }
  }

  /**
   * What came after a version.
   *
   * @param may which keys may be told
   * @return null if that is not known any more: the whole is needed
   */
  public @Nullable DigestDelta since(long log, long from, LongPredicate may) {
    long[] changed;
    byte[] how;
    long to;
    int stride;
    synchronized (this) {
      if (log != this.log || from < oldest || from > version) {
        return null;
      }
      to = version;
      stride = strideBits;
      changed = new long[(int) (to - from)];
      how = new byte[changed.length];
      for (int i = 0; i < changed.length; i++) {
        int at = (int) ((from + i) % keys.length);
        changed[i] = keys[at];
        how[i] = kinds[at];
      }
    }
    List<Map<Long, Boolean>> last = new ArrayList<>();
    for (int level = 0; level < DigestDelta.LEVELS; level++) {
      last.add(new HashMap<>());
    }
    for (int i = 0; i < changed.length; i++) {
      if (may.test(changed[i])) {
        last.get(how[i] >>> 1).put(Sample.fingerprint(changed[i]), (how[i] & 1) != 0);
      }
    }
    List<Level> levels = last.stream().map(l -> new Level(of(l, true), of(l, false))).toList();
    return new DigestDelta(log, from, to, stride, levels);
  }

  private static long[] of(Map<Long, Boolean> changes, boolean gained) {
    return changes.entrySet().stream()
        .filter(change -> change.getValue() == gained)
        .mapToLong(Map.Entry::getKey)
        .sorted()
        .toArray();
  }

  /** All that there is; to be asked for by the thread that tells of changes. */
  public synchronized Whole whole(PrefixIndex... indexes) {
    List<Keys> levels = new ArrayList<>();
    for (int level = 0; level < DigestDelta.LEVELS; level++) {
      levels.add(new Keys());
    }
    for (PrefixIndex index : indexes) {
      index.tell(
          (key, before, after) -> {
            if (Sample.contains(key, strideBits)) {
              for (int level = 0; level < DigestDelta.LEVELS && after >= 1 << level; level++) {
                levels.get(level).add(key);
              }
            }
          });
    }
    entries = levels.getFirst().count;
    return new Whole(log, version, strideBits, levels.stream().map(Keys::toArray).toList());
  }

  private static final class Keys {
    long[] keys = new long[1_024];
    int count;

    void add(long key) {
      if (count == keys.length) {
        keys = Arrays.copyOf(keys, 2 * count);
      }
      keys[count++] = key;
    }

    long[] toArray() {
      return Arrays.copyOf(keys, count);
    }
  }

  /** The digest at one version. Immutable. */
  public static final class Whole {
    private final long log;
    private final long version;
    private final int strideBits;
    private final List<long[]> levels;

    Whole(long log, long version, int strideBits, List<long[]> levels) {
      this.log = log;
      this.version = version;
      this.strideBits = strideBits;
      this.levels = levels;
    }

    /** For a reader that may know the keys that pass {@code may}. */
    public DigestDelta delta(LongPredicate may) {
      return new DigestDelta(
          log,
          DigestDelta.WHOLE,
          version,
          strideBits,
          levels.stream().map(keys -> new Level(fingerprints(keys, may), new long[0])).toList());
    }

    private static long[] fingerprints(long[] keys, LongPredicate may) {
      return Arrays.stream(keys).filter(may).map(Sample::fingerprint).sorted().distinct().toArray();
    }
  }
}
