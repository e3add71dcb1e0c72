package io.kvlane.router.routing;

import com.dynatrace.hash4j.hashing.Hashing;
import io.kvlane.locality.digest.DigestIndex;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.DigestDelta.Level;
import io.kvlane.locality.log.DigestFrame;
import io.kvlane.router.region.OtherRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One region's digest in this router. Who fetches only publishes; knowledge comes from the ring
 * alone, to the fetching router as to all others. One thread uses it; {@link #isFresh} and {@link
 * #ageMillis} any.
 */
final class DigestCopy {
  /** A router that has heard nothing for so long takes over, one place in the order later each. */
  private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

  private static final long WANT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Older knowledge is worse than none: it sends requests to caches that are gone. */
  private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Fingerprints in a frame: about 40 kB. */
  private static final int FRAME_KEYS = 8_192;

  private final OtherRegion region;
  private final int number;
  private final String router;
  private final long everyNanos;
  private final DigestIndex index;
  private final Consumer<DigestFrame> ring;
  private final LongSupplier wallMillis;

  // As folded from the ring.
  private long epoch;
  private String teller = "";
  private long next;
  private boolean building;
  private boolean broken;
  private boolean known;
  private long life;
  private long version;

  /** When the region was as is known, or later, by this router's monotonic clock. */
  private volatile long asOf;

  private long heardAt;

  // As published by this router.
  private boolean mine;
  private long myEpoch;
  private long mySequence;
  private long myLife;
  private long myVersion;
  private long begunAt;
  private boolean asking;
  private long askedLife;
  private long askedAt;
  private long wantedAt;

  /**
   * @param router this router's name
   * @param everyNanos how often to ask
   * @param ring takes what is to be told to all routers
   * @param wallMillis the time since 1970, which keeps epochs apart that nobody remembers
   */
  DigestCopy(
      OtherRegion region,
      String router,
      long everyNanos,
      DigestIndex index,
      Consumer<DigestFrame> ring,
      LongSupplier wallMillis) {
    this.region = region;
    this.number = region.number();
    this.router = router;
    this.everyNanos = everyNanos;
    this.index = index;
    this.ring = ring;
    this.wallMillis = wallMillis;
    long now = System.nanoTime();
    heardAt = now - SILENT_NANOS + 2 * everyNanos;
    askedAt = now - everyNanos;
    wantedAt = now;
    begunAt = now - AGAIN_NANOS;
    asOf = now - MAX_AGE_NANOS;
  }

  OtherRegion region() {
    return region;
  }

  /** Routers ask in ascending order of this. */
  static long weight(String region, String member) {
    return Hashing.xxh3_64()
        .hashLongLongToLong(
            Hashing.xxh3_64().hashCharsToLong(region), Hashing.xxh3_64().hashCharsToLong(member));
  }

  /** Whether what is known is worth anything. Any thread. */
  boolean isFresh(long now) {
    return now - asOf < MAX_AGE_NANOS;
  }

  /** Age of what is known. Any thread. */
  double ageMillis(long now) {
    return (now - asOf) / 1e6;
  }

  /**
   * Whether this router is the one to ask.
   *
   * @param rank how many routers come before it
   */
  boolean isMyTurn(int rank, long now) {
    if (!mine) {
      // A newcomer is told by the others first: what they know need not come from afar again.
      long silence = (known ? rank : rank + 1) * Math.max(SILENT_NANOS, 2 * everyNanos);
      if (now - heardAt < silence) {
        return false;
      }
      mine = true;
      myLife = 0;
      myVersion = 0;
      if (known && !broken) {
        publishAll(now);
      }
    }
    return true;
  }

  boolean isDue(long now) {
    return !asking && now - askedAt >= everyNanos;
  }

  /**
   * It asks for what came after {@link #version}.
   *
   * @return life of the digest of which that is a version, 0 for none: also if what was published
   *     has a hole, for then nobody has it, and the whole is needed
   */
  long asked(long now) {
    asking = true;
    askedAt = now;
    askedLife = broken && now - begunAt > AGAIN_NANOS ? 0 : myLife;
    return askedLife;
  }

  long version() {
    return myVersion;
  }

  void failed() {
    asking = false;
  }

  /** What the region answered to what was {@linkplain #asked asked} last. */
  void told(DigestDelta delta) {
    asking = false;
    if (!mine) {
      return;
    }
    if (delta.isWhole()) {
      beginEpoch(System.nanoTime());
      publish(parts(delta), askedAt);
    } else {
      publish(List.of(delta), askedAt);
    }
    myLife = delta.log();
    myVersion = delta.to();
    if (askedLife == 0) {
      // A whole may have been made for others, some seconds ago: what came since is due at once.
      askedAt -= everyNanos;
    }
  }

  /** Somebody lacks the digest. */
  void wanted(long now) {
    if (mine && known && !broken && now - begunAt > AGAIN_NANOS) {
      publishAll(now);
    }
  }

  /** Whether this router lacks the digest and should say so. */
  boolean wants(long now) {
    if (mine || (known && !broken) || building || now - wantedAt < WANT_NANOS) {
      return false;
    }
    wantedAt = now;
    return true;
  }

  private void beginEpoch(long now) {
    myEpoch = Math.max(Math.max(epoch, myEpoch) + 1, wallMillis.getAsLong());
    mySequence = 0;
    begunAt = now;
  }

  /** Publishes what is known, and goes on from there. */
  private void publishAll(long now) {
    beginEpoch(now);
    long[][] all = index.fingerprints(number);
    List<Level> levels = Arrays.stream(all).map(keys -> new Level(keys, new long[0])).toList();
    publish(
        parts(new DigestDelta(life, DigestDelta.WHOLE, version, index.strideBits(number), levels)),
        asOf);
    myLife = life;
    myVersion = version;
  }

  private void publish(List<DigestDelta> parts, long moment) {
    long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - moment);
    for (int i = 0; i < parts.size(); i++) {
      boolean last = i == parts.size() - 1;
      ring.accept(
          new DigestFrame(region.name(), router, myEpoch, mySequence++, last, age, parts.get(i)));
    }
  }

  private static List<DigestDelta> parts(DigestDelta whole) {
    List<DigestDelta> parts = new ArrayList<>();
    int longest = whole.levels().stream().mapToInt(level -> level.gained().length).max().orElse(0);
    for (int from = 0; from == 0 || from < longest; from += FRAME_KEYS) {
      List<Level> levels = new ArrayList<>();
      for (Level level : whole.levels()) {
        long[] keys = level.gained();
        int start = Math.min(from, keys.length);
        int end = Math.min(from + FRAME_KEYS, keys.length);
        levels.add(new Level(Arrays.copyOfRange(keys, start, end), new long[0]));
      }
      parts.add(
          new DigestDelta(whole.log(), DigestDelta.WHOLE, whole.to(), whole.strideBits(), levels));
    }
    return parts;
  }

  /**
   * Takes in a frame.
   *
   * @return how old in milliseconds the knowledge had become that it replaces; -1 for none
   */
  long fold(DigestFrame frame, long now) {
    if (frame.epoch() < epoch) {
      return -1;
    }
    heardAt = now;
    if (frame.epoch() > epoch) {
      epoch = frame.epoch();
      teller = frame.router();
      next = 0;
      building = true;
      broken = false;
      index.begin(number);
      if (mine && epoch > myEpoch) {
        mine = false; // another router has taken over
      }
    }
    boolean follows = !broken && frame.router().equals(teller);
    if (follows && frame.sequence() < next) {
      return -1; // an add that was tried again although it had been done
    }
    if (!follows || frame.sequence() != next) {
      broken = true;
      building = false;
      return -1;
    }
    next++;
    if (building) {
      index.build(number, frame.delta());
      if (!frame.complete()) {
        return -1;
      }
      index.complete(number);
      building = false;
    } else {
      index.change(number, frame.delta());
    }
    long lag = known ? (long) ageMillis(now) : -1;
    known = true;
    life = frame.delta().log();
    version = frame.delta().to();
    asOf = now - TimeUnit.MILLISECONDS.toNanos(frame.ageMillis());
    return lag;
  }
}
