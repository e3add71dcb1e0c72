package io.kvlane.simulator.rival;

import com.dynatrace.hash4j.hashing.Hashing;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Consistent hashing: each member has many points on a circle of 64-bit hashes, a key belongs to
 * the first point clockwise.
 */
final class Ring {
  /** No member can be used. */
  static final int NONE = -1;

  /** Evens out the members' shares to within about a tenth; sglang's number. */
  private static final int POINTS_EACH = 150;

  private final long[] points;
  private final int[] owners;

  Ring(int[] members) {
    long[] hashes = new long[members.length * POINTS_EACH];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = Hashing.xxh3_64().hashLongLongToLong(members[i / POINTS_EACH], i % POINTS_EACH);
    }
    int[] order =
        IntStream.range(0, hashes.length)
            .boxed()
            .sorted((a, b) -> Long.compare(hashes[a], hashes[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    points = IntStream.of(order).mapToLong(i -> hashes[i]).toArray();
    owners = IntStream.of(order).map(i -> members[i / POINTS_EACH]).toArray();
  }

  /** The owner of the first usable point clockwise from a key's hash, or {@link #NONE}. */
  int next(long key, IntPredicate usable) {
    long hash = Hashing.xxh3_64().hashLongLongToLong(key, 0);
    int low = 0;
    int high = points.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (points[middle] < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (int step = 0; step < points.length; step++) {
      int owner = owners[(low + step) % points.length];
      if (usable.test(owner)) {
        return owner;
      }
    }
    return NONE;
  }
}
