package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReuseTest {
  private static final long SECOND = 1_000_000_000L;

  private final Reuse reuse = new Reuse(2);

  private static long[] blocks(int from, int to) {
    long[] blocks = new long[to - from];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = from + i + 1;
    }
    return blocks;
  }

  /** Blocks that replica 0 is asked for twice, ten seconds apart: one use in two is followed. */
  private void usedTwice(int blocks) {
    reuse.used(0, blocks(0, blocks), 0);
    reuse.used(0, blocks(0, blocks), 10 * SECOND);
  }

  @Test
  void chance_nothingEvictedYet_isNone() {
    usedTwice(1_000);

    assertThat(reuse.chance(0, 10 * SECOND)).isZero();
  }

  @Test
  void chance_evictedBeforeItIsAskedForAgain_isTheShareOfUsesThatFollow() {
    usedTwice(1_000);
    reuse.evicted(0, blocks(0, 10), 15 * SECOND);

    assertThat(reuse.chance(0, 15 * SECOND)).isCloseTo(0.5, within(0.01));
  }

  @Test
  void chance_evictedLongAfter_isNone() {
    usedTwice(1_000);
    reuse.evicted(0, blocks(0, 10), 30 * SECOND);

    assertThat(reuse.chance(0, 30 * SECOND)).isZero();
  }

  @Test
  void chance_whileNothingIsEvicted_falls() {
    usedTwice(1_000);
    reuse.evicted(0, blocks(0, 10), 15 * SECOND);

    assertThat(reuse.chance(0, 30 * SECOND)).isZero();
  }

  @Test
  void chance_isOfTheReplicasOwnEvictions() {
    usedTwice(1_000);
    reuse.used(1, blocks(1_000, 1_010), 0);
    reuse.evicted(0, blocks(0, 10), 15 * SECOND);
    reuse.evicted(1, blocks(1_000, 1_010), 15 * SECOND);

    assertThat(reuse.chance(0, 15 * SECOND)).as("evicts at 5 s").isCloseTo(0.5, within(0.01));
    assertThat(reuse.chance(1, 15 * SECOND)).as("evicts at 15 s").isZero();
  }

  @Test
  void evicted_usedElsewhereSince_saysNothing() {
    usedTwice(1_000);
    reuse.evicted(1, blocks(0, 10), 15 * SECOND);

    assertThat(reuse.chance(1, 15 * SECOND)).isZero();
  }

  @Test
  void cleared_evictsNothingAnyMore() {
    usedTwice(1_000);
    reuse.evicted(0, blocks(0, 10), 15 * SECOND);
    reuse.cleared(0);

    assertThat(reuse.chance(0, 15 * SECOND)).isZero();
  }

  @Test
  void chance_hardlyAnythingLiesIdleSoLong_isNotTakenForMuch() {
    usedTwice(2);
    for (int use = 0; use < 300; use++) {
      reuse.used(0, blocks(2, 3), (10 + use) * SECOND);
    }
    reuse.evicted(0, blocks(2, 3), 314 * SECOND);

    assertThat(reuse.chance(0, 314 * SECOND)).isPositive().isLessThan(0.05);
  }

  /** Each second a thousand new blocks, and those of ten seconds ago once more. */
  @Test
  void used_moreBlocksThanAreRemembered_aSampleStandsForAll() {
    for (int second = 0; second <= 400; second++) {
      reuse.used(0, blocks(1_000 * second, 1_000 * (second + 1)), second * SECOND);
      if (second >= 10) {
        reuse.used(0, blocks(1_000 * (second - 10), 1_000 * (second - 9)), second * SECOND);
      }
    }
    reuse.evicted(0, blocks(395_000, 396_000), 400 * SECOND);

    assertThat(reuse.chance(0, 400 * SECOND)).isCloseTo(0.5, within(0.05));
  }

  @Test
  void chance_habitsChange_follows() {
    usedTwice(1_000);
    for (int round = 1; round < 100; round++) {
      reuse.used(0, blocks(1_000 * round, 1_000 * (round + 1)), (10 + round) * SECOND);
    }
    reuse.evicted(0, blocks(99_000, 99_010), 114 * SECOND);

    assertThat(reuse.chance(0, 114 * SECOND)).as("nothing is asked for again").isLessThan(0.05);
  }
}
