package io.kvlane.locality.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.ReplicaView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Prompts of 1000 tokens; the pool is used to finding 800 of them. */
class CacheGuardTest {
  private static final int PROMPT = 1000;
  private static final int USUAL = 800;

  private static final int REPLICAS = 8;

  private CacheGuard guard = new CacheGuard(CacheGuard.When.ALWAYS);
  private long now = 1;

  private void usual(int cached) {
    for (int i = 0; i < 3000; i++) {
      guard.asked(cached, PROMPT);
      guard.sent(cached, PROMPT);
    }
  }

  /** Prompts come that find less, and are refused. */
  private void lately(int cached) {
    for (int i = 0; i < 500; i++) {
      guard.asked(cached, PROMPT);
    }
  }

  private static Candidate candidate(String id, boolean healthy, int cached) {
    ReplicaView view = new ReplicaView(id, 0, healthy, 0, 0, false, 0, 0, 0.1, 0);
    return new Candidate(view, cached, 0, 0, 0, 1, 0, false);
  }

  private static Candidate candidate(String id, int cached) {
    return candidate(id, true, cached);
  }

  private Optional<String> place(Map<String, Double> inUse, Candidate... candidates) {
    return guard
        .place(List.of(candidates), PROMPT, c -> inUse.getOrDefault(c.replica().id(), 0.0), now)
        .map(c -> c.replica().id());
  }

  @Test
  void losing_allHalfFull_refusesWhatIsCold() {
    usual(USUAL);
    lately(USUAL - 150);

    assertThat(place(Map.of("a", 0.5, "b", 0.7), candidate("a", 499), candidate("b", 0))).isEmpty();
  }

  @Test
  void losing_allHalfFull_letsThroughWhatIsHalfCached() {
    usual(USUAL);
    lately(USUAL - 150);

    assertThat(place(Map.of("a", 0.9), candidate("a", 500))).contains("a");
  }

  @Test
  void losing_anotherHasRoom_takesTheBestOfThose() {
    usual(USUAL);
    lately(0);

    assertThat(
            place(
                Map.of("a", 0.5, "b", 0.49, "c", 0.1),
                candidate("a", 0),
                candidate("b", 0),
                candidate("c", 0)))
        .contains("b");
  }

  @Test
  void losing_roomOnlyWhereItIsUnhealthy_refuses() {
    usual(USUAL);
    lately(0);

    assertThat(place(Map.of("a", 0.8), candidate("a", 0), candidate("b", false, 0))).isEmpty();
  }

  @Test
  void nobodyHealthy_isNotForTheGuardToSay() {
    usual(USUAL);
    lately(0);

    assertThat(place(Map.of("a", 0.8), candidate("a", false, 0))).contains("a");
  }

  @Test
  void losingLessThanATenth_letsEverybodyThrough() {
    usual(USUAL);
    lately(USUAL - 90);

    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
  }

  @Test
  void memoryInUseUnknown_letsEverybodyThrough() {
    usual(USUAL);
    lately(0);

    assertThat(place(Map.of(), candidate("a", 0))).contains("a");
  }

  @Test
  void usuallyLittleFound_letsEverybodyThrough() {
    usual(90);
    lately(0);

    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
  }

  @Test
  void fromTheFirstRequestOn_nothingFound_letsEverybodyThrough() {
    for (int i = 0; i < 100; i++) {
      guard.asked(0, PROMPT);
      assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
      guard.sent(0, PROMPT);
    }
  }

  @Test
  void fromTheFirstRequestOn_muchFound_letsEverybodyThrough() {
    for (int i = 0; i < 100; i++) {
      guard.asked(USUAL, PROMPT);
      guard.sent(USUAL, PROMPT);
      assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
    }
  }

  @Test
  void foundAgain_letsEverybodyThrough() {
    usual(USUAL);
    lately(0);
    lately(USUAL);

    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
  }

  @Test
  void losingForAQuarterOfAnHour_givesWay() {
    usual(USUAL);
    lately(0);
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).isEmpty();

    now += CacheGuard.GIVE_WAY_NANOS;
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).isEmpty();
    now++;
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");

    lately(0);
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
  }

  @Test
  void losingAgain_aQuarterOfAnHourBeginsAnew() {
    usual(USUAL);
    lately(0);
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).isEmpty();
    lately(USUAL);
    now += CacheGuard.GIVE_WAY_NANOS;
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
    lately(0);

    now++;
    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).isEmpty();
  }

  @Test
  void never_letsEverybodyThrough() {
    guard = new CacheGuard(CacheGuard.When.NEVER);
    serve(REPLICAS);
    usual(USUAL);
    lately(0);
    lose(REPLICAS);

    assertThat(place(Map.of("a", 1.0), candidate("a", 0))).contains("a");
  }

  @Test
  void promptsChangedForGood_givesWay() {
    usual(USUAL);
    for (int i = 0; i < 6000; i++) {
      guard.asked(100, PROMPT);
      guard.sent(100, PROMPT);
    }

    assertThat(place(Map.of("a", 1.0), candidate("a", 100))).contains("a");
  }

  /** A pool of {@link #REPLICAS} that guards its caches after a loss, and that loses them. */
  private void losesHits() {
    guard = new CacheGuard(CacheGuard.When.AFTER_LOSS);
    serve(REPLICAS);
    usual(USUAL);
    lately(0);
  }

  private void serve(int replicas) {
    guard.serving(replicas, now);
  }

  /** So many of {@link #REPLICAS} are missing for as long as it takes to be no blink. */
  private void lose(int missing) {
    now++;
    serve(REPLICAS - missing);
    now += CacheGuard.BLINK_NANOS;
    serve(REPLICAS - missing);
  }

  private boolean refuses() {
    return place(Map.of("a", 1.0), candidate("a", 0)).isEmpty();
  }

  @Test
  void afterLoss_nothingWasLost_letsEverybodyThrough() {
    losesHits();

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_aRegionOfSeveralWasLost_refusesWhatIsCold() {
    losesHits();
    lose(2);

    assertThat(refuses()).isTrue();
  }

  @Test
  void afterLoss_hitsAreNotLost_letsEverybodyThrough() {
    losesHits();
    lose(2);
    lately(USUAL);

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_oneReplicaAfterTheOtherRestarts_letsEverybodyThrough() {
    losesHits();
    for (int i = 0; i < REPLICAS; i++) {
      lose(1);
      serve(REPLICAS);
    }

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_missingForABlink_letsEverybodyThrough() {
    losesHits();
    for (int i = 0; i < 10; i++) {
      serve(0);
      now += CacheGuard.BLINK_NANOS - 1;
      serve(0);
      now++;
      serve(REPLICAS);
    }

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_regionsAreHeardOfOneByOne_letsEverybodyThrough() {
    losesHits();
    for (int regions = 1; regions <= 4; regions++) {
      serve(regions * REPLICAS);
      now += CacheGuard.BLINK_NANOS;
    }

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_allAreBackForAQuarterOfAnHour_letsEverybodyThrough() {
    losesHits();
    lose(2);
    now++;
    serve(REPLICAS);
    now += CacheGuard.GIVE_WAY_NANOS - 1;
    assertThat(refuses()).isTrue();
    serve(REPLICAS);
    now++;

    assertThat(refuses()).isFalse();
  }

  @Test
  void afterLoss_missingForAnHour_isTakenToBeAll() {
    losesHits();
    lately(USUAL);
    for (long minute = 0; minute <= 60; minute++) {
      serve(REPLICAS / 2);
      now += TimeUnit.MINUTES.toNanos(1);
    }
    serve(REPLICAS / 2);
    now += CacheGuard.GIVE_WAY_NANOS;
    serve(REPLICAS / 2);
    lately(0);
    assertThat(refuses()).isFalse();

    serve(REPLICAS / 2 - 1);
    now += CacheGuard.BLINK_NANOS;
    serve(REPLICAS / 2 - 1);
    assertThat(refuses()).isTrue();
  }
}
