package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.digest.DigestIndex;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.DigestDelta.Level;
import io.kvlane.locality.log.DigestFrame;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.OtherRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The ring is a list here, and loses what a test drops from it. */
class DigestCopyTest {
  private static final long EVERY = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LONG = TimeUnit.SECONDS.toNanos(5);
  private static final int STRIDE_BITS = 2;

  private final OtherRegion region =
      new OtherRegion(new RouterConfig.OtherRegion("eu-west", List.of("127.0.0.1:7100")), 0, "a");
  private final List<DigestFrame> ring = new ArrayList<>();
  private final DigestCopy asking = copy("router-1");
  private final DigestCopy other = copy("router-2");
  private final long start = System.nanoTime();
  private long wallMillis = 1_800_000_000_000L;

  private DigestCopy copy(String router) {
    return new DigestCopy(
        region, router, EVERY, new DigestIndex(1, 1 << 20), ring::add, () -> wallMillis);
  }

  /** What the region answers to who knows that version of that life of it. */
  private static DigestDelta answer(long life, long version) {
    boolean whole = life == 0;
    return new DigestDelta(
        7,
        whole ? DigestDelta.WHOLE : version,
        version + 1,
        STRIDE_BITS,
        levels(new Level(new long[] {100 + version}, new long[0])));
  }

  private static List<Level> levels(Level first) {
    List<Level> levels = new ArrayList<>();
    levels.add(first);
    while (levels.size() < DigestDelta.LEVELS) {
      levels.add(new Level(new long[0], new long[0]));
    }
    return levels;
  }

  private void ask(long now) {
    assertThat(asking.isMyTurn(0, now)).isTrue();
    asking.told(answer(asking.asked(now), asking.version()));
  }

  /** All routers read the ring. */
  private void read(long now) {
    for (DigestFrame frame : ring) {
      asking.fold(frame, now);
      other.fold(frame, now);
    }
    ring.clear();
  }

  @Test
  void asked_ringLostAFrame_isForTheWhole() {
    long now = start + LONG;
    ask(now);
    read(now);
    assertThat(asking.asked(now)).isEqualTo(7);

    ask(now += LONG);
    ring.clear(); // nobody reads it, not even who wrote it
    ask(now += LONG);
    read(now);
    assertThat(asking.asked(now + LONG)).as("asks for the whole").isZero();

    ask(now += LONG);
    assertThat(ring).allMatch(frame -> frame.delta().isWhole());
    read(now);
    assertThat(asking.isDue(now)).as("what came since the whole was made").isTrue();
    ask(now);
    assertThat(asking.isDue(now)).isFalse();
    read(now);
    assertThat(asking.asked(now)).isEqualTo(7);
    assertThat(other.ageMillis(System.nanoTime())).isLessThan(1_000);
    assertThat(other.wants(now + LONG)).isFalse();
  }

  @Test
  void wants_otherLostAFrame_isToldTheWholeByWhoAsks() {
    long now = start + LONG;
    ask(now);
    read(now);
    ask(now += LONG);
    for (DigestFrame frame : ring) {
      asking.fold(frame, now);
    }
    ring.clear();
    ask(now += LONG);
    read(now);
    assertThat(other.wants(now)).isTrue();
    assertThat(asking.wants(now)).isFalse();

    asking.wanted(now + LONG);
    read(now + LONG);
    assertThat(other.wants(now + 2 * LONG)).isFalse();
  }

  @Test
  void fold_frameTwice_countsOnce() {
    long now = start + LONG;
    ask(now);
    ring.addLast(ring.getLast()); // the add was tried again, since nobody had answered
    read(now);

    ask(now += LONG);
    read(now);
    assertThat(other.wants(now)).as("has a hole").isFalse();
    assertThat(other.ageMillis(System.nanoTime())).isLessThan(1_000);
  }

  @Test
  void fold_askingRouterHadAnotherTime_nextOneIsHeardAllTheSame() {
    long now = start + LONG;
    wallMillis += TimeUnit.DAYS.toMillis(365);
    ask(now);
    read(now);
    wallMillis -= TimeUnit.DAYS.toMillis(365);

    now += LONG;
    assertThat(other.isMyTurn(1, now)).as("takes over").isTrue();
    read(now);
    other.told(answer(other.asked(now), other.version()));
    read(now);
    assertThat(asking.version()).isEqualTo(1);
    assertThat(asking.isMyTurn(1, now)).as("has handed over").isFalse();
    assertThat(asking.ageMillis(System.nanoTime())).isLessThan(1_000);
  }
}
