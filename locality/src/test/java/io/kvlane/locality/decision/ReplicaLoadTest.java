package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import org.junit.jupiter.api.Test;

class ReplicaLoadTest {
  private static final double MS_PER_TOKEN = 0.1;
  private static final long MS = 1_000_000;

  private final ReplicaLoad load = new ReplicaLoad();
  private final PrefillRate rate = new PrefillRate();

  private ReplicaView view(long nowMs) {
    return load.view("r", 0, true, 0.2, MS_PER_TOKEN, 0, nowMs * MS);
  }

  private ReplicaLoad.Call send(int uncached, long nowMs, long... chain) {
    return load.dispatched(chain, uncached, MS_PER_TOKEN, nowMs * MS);
  }

  private int promised(long nowMs, long... chain) {
    return load.promised(chain(chain), nowMs * MS);
  }

  private static Chain chain(long... keys) {
    return Chain.of(new ChainRoot(KeySpace.TEXT, "m", "", "", 1), keys);
  }

  @Test
  void view_isOwnAndOthers() {
    send(1_000, 0, 1, 2);
    load.others(1, 3, 2, 500, 0);

    assertThat(view(1)).isEqualTo(new ReplicaView("r", 0, true, 4, 3, false, 1_500, 0.2, 0.1, 0));
  }

  @Test
  void answered_thenEnded_releasesAllOnceAndTellsHowLongTheAnswerTook() {
    ReplicaLoad.Call call = send(1_000, 0, 1, 2);
    load.answered(call, rate, 100 * MS);
    load.answered(call, rate, 200 * MS);
    assertThat(load.waitingTokens()).isZero();
    assertThat(load.unanswered()).isZero();

    assertThat(load.ended(call, 350 * MS)).isEqualTo(250);
    assertThat(load.ended(call, 400 * MS)).isEqualTo(-1);
    assertThat(load.requests()).isZero();
  }

  @Test
  void ended_unanswered_releasesAll() {
    assertThat(load.ended(send(1_000, 0, 1, 2), MS)).isEqualTo(-1);

    assertThat(load.requests()).isZero();
    assertThat(load.waitingTokens()).isZero();
    assertThat(promised(1, 1, 2)).isZero();
  }

  @Test
  void answered_onTime_teachesTheRate() {
    load.answered(send(1_000, 0, 1, 2), rate, 150 * MS);

    assertThat(rate.msPerToken()).isEqualTo(0.15);
  }

  /** 1,000 tokens are 100 ms of prefill; twice that and 250 ms are granted. */
  @Test
  void late_isKnownAfterTheGrace_andTeachesNothing() {
    ReplicaLoad.Call call = send(1_000, 0, 1, 2);

    assertThat(view(450).late()).isFalse();
    assertThat(view(451).late()).isTrue();
    load.answered(call, rate, 5_000 * MS);
    assertThat(rate.msPerToken()).isEqualTo(PrefillRate.DEFAULT_MS_PER_TOKEN);
    assertThat(view(5_000).late()).isFalse();
  }

  @Test
  void promised_isTheLongestCommonBeginningOfWhatIsUnderWay() {
    send(1_000, 0, 1, 2, 3, 4);
    send(1_000, 0, 1, 2, 9);

    assertThat(promised(1, 1, 2, 3, 7)).isEqualTo(3);
    assertThat(promised(1, 1, 2, 9, 9)).isEqualTo(3);
    assertThat(promised(1, 8)).isZero();
  }

  @Test
  void promised_afterTheFirstByte_staysUntilTheMapMustKnow() {
    load.answered(send(1_000, 0, 1, 2), rate, 100 * MS);

    assertThat(promised(1_100, 1, 2, 3)).isEqualTo(2);
    assertThat(promised(1_101, 1, 2, 3)).isZero();
  }

  @Test
  void promised_sentElsewhere_countsForItsExpectedTime() {
    load.sentElsewhere(new long[] {1, 2, 3}, 1_000, MS_PER_TOKEN, 0);

    assertThat(promised(1_450, 1, 2)).isEqualTo(2);
    assertThat(promised(1_451, 1, 2)).isZero();
  }

  @Test
  void promised_veryManyFromElsewhere_keepsTheNewest() {
    for (int i = 0; i < 2_000; i++) {
      load.sentElsewhere(new long[] {i}, 1_000, MS_PER_TOKEN, 0);
    }

    assertThat(promised(1, 100)).isZero();
    assertThat(promised(1, 1_999)).isEqualTo(1);
  }

  @Test
  void withUntold_othersHaveSentAsManyThatBeginAlike_sinceTheyTold() {
    send(100, 0, 1, 2, 3);
    load.others(2, 5, 4, 1_000, 2 * MS);
    send(200, 3, 1, 2, 4);
    send(300, 4, 1, 2, 5);
    send(400, 4, 1, 7);
    ReplicaView told = view(5);

    ReplicaView likely = load.withUntold(told, chain(1, 2, 6), 1, 5 * MS);

    // The first was told; of the last nothing is alike but what everybody begins with.
    assertThat(likely.inFlight()).isEqualTo(told.inFlight() + 2 * 2);
    assertThat(likely.unanswered()).isEqualTo(told.unanswered() + 2 * 2);
    assertThat(likely.waitingTokens()).isEqualTo(told.waitingTokens() + 2 * 500);
  }

  @Test
  void withUntold_othersAreSilent_whatIsOldWouldHaveBeenTold() {
    load.others(1, 0, 0, 0, 0);
    send(100, 1_000, 1, 2);

    assertThat(load.withUntold(view(1_019), chain(1, 2), 0, 1_019 * MS).inFlight()).isEqualTo(2);
    assertThat(load.withUntold(view(1_020), chain(1, 2), 0, 1_020 * MS).inFlight()).isEqualTo(1);
  }

  @Test
  void withUntold_alone_isWhatIsKnown() {
    send(100, 1, 1, 2);

    assertThat(load.withUntold(view(1), chain(1, 2), 0, MS)).isEqualTo(view(1));
  }

  @Test
  void withUntold_answered_countsNoMore() {
    load.others(1, 0, 0, 0, 0);
    load.answered(send(100, 1, 1, 2), rate, 2 * MS);

    assertThat(load.withUntold(view(3), chain(1, 2), 0, 3 * MS)).isEqualTo(view(3));
  }
}
