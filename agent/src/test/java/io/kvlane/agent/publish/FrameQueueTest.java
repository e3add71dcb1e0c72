package io.kvlane.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
  private static final long LATER = 1_000_000_000;

  private final FakeStore store = new FakeStore();
  private final FrameQueue queue = new FrameQueue(store);
  private long now;

  private void add(int... frames) {
    for (int frame : frames) {
      queue.add(frame, new byte[] {(byte) frame});
    }
  }

  private void pump() {
    queue.pump(now);
  }

  @Test
  void pump_allArrive_keepsTheOrderAndAcknowledgesTheLast() {
    add(0, 1, 2);
    pump();
    pump();

    assertThat(store.placed()).containsExactly(0, 1, 2);
    assertThat(queue.acknowledged()).isEqualTo(2);
    assertThat(queue.place()).isEqualTo(2);
    assertThat(queue.size()).isZero();
  }

  @Test
  void pump_manyFrames_neverMoreThan64UnderWay() {
    store.answering = false;
    add(IntStream.range(0, 100).toArray());
    pump();
    pump();
    assertThat(store.adds).hasSize(FrameQueue.MAX_IN_FLIGHT).hasSize(64);

    store.arrive(0);
    store.arrive(1);
    pump();
    assertThat(store.adds).hasSize(66);
  }

  @Test
  void pump_answerOutOfOrder_acknowledgesOnlyWhatHasNoHoleBefore() {
    store.answering = false;
    add(0, 1, 2);
    pump();
    store.arrive(0);
    pump();
    assertThat(queue.acknowledged()).isZero();
    store.adds.get(2).complete(2L);
    pump();
    assertThat(queue.acknowledged()).isZero();
    store.adds.get(1).complete(1L);
    pump();
    assertThat(queue.acknowledged()).isEqualTo(2);
  }

  @Test
  void pump_lastFramesFailed_areSentAgainInTheirOrderBeforeNewOnes() {
    store.answering = false;
    add(0, 1, 2);
    pump();
    store.arrive(0);
    store.fail(1);
    store.fail(2);
    add(3);
    pump();
    assertThat(store.adds).as("waits a little").hasSize(3);

    store.answering = true;
    now += LATER;
    pump();
    pump();
    assertThat(store.placed()).containsExactly(0, 1, 2, 3);
    assertThat(queue.isBroken()).isFalse();
    assertThat(queue.acknowledged()).isEqualTo(3);
  }

  @Test
  void pump_someStillUnderWayWhenOneFails_nothingIsSentBeforeAllAreKnown() {
    store.answering = false;
    add(0, 1);
    pump();
    store.fail(0);
    now += LATER;
    pump();
    assertThat(store.adds).hasSize(2);

    store.fail(1);
    now += LATER;
    pump();
    now += LATER;
    pump();
    assertThat(store.sent.stream().map(frame -> (int) frame[0])).containsExactly(0, 1, 0, 1);
  }

  @Test
  void pump_laterFrameArrivedWithoutTheOneBefore_isBroken() {
    store.answering = false;
    add(0, 1);
    pump();
    store.fail(0);
    store.arrive(1);
    pump();

    assertThat(queue.isBroken()).isTrue();
    assertThat(queue.acknowledged()).isEqualTo(-1);
  }

  @Test
  void pump_failsOnAndOn_isBrokenAfterFiveAttempts() {
    store.answering = false;
    add(0);
    for (int i = 0; i <= FrameQueue.MAX_ATTEMPTS; i++) {
      assertThat(queue.isBroken()).isFalse();
      now += LATER;
      pump();
      store.fail(i);
      pump();
    }
    assertThat(queue.isBroken()).isTrue();
    assertThat(store.adds).hasSize(FrameQueue.MAX_ATTEMPTS + 1);
  }

  @Test
  void pump_placesFallBack_isBroken() {
    store.answering = false;
    add(0, 1);
    pump();
    store.adds.get(0).complete(7L);
    store.adds.get(1).complete(0L);
    pump();
    assertThat(queue.isBroken()).isTrue();
  }

  @Test
  void reset_lateAnswers_reachNobody() {
    store.answering = false;
    add(0);
    pump();
    queue.reset();
    store.arrive(0);
    pump();

    assertThat(queue.acknowledged()).isEqualTo(-1);
    assertThat(queue.size()).isZero();
  }

  @Test
  void newEpoch_whatWaits_isVoidAndNotAcknowledged() {
    store.answering = false;
    add(IntStream.range(0, 70).toArray());
    pump();
    queue.newEpoch(1);
    queue.add(0, new byte[] {99});
    for (int i = 0; i < 64; i++) {
      store.arrive(i);
    }
    pump();
    assertThat(queue.acknowledged()).isEqualTo(-1);
    store.arrive(64);
    pump();
    assertThat(queue.acknowledged()).isZero();
    assertThat(store.placed()).hasSize(65).endsWith(63, 99);
  }
}
