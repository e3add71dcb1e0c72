package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoolPulseTest {
  private final PoolPulse pulse = new PoolPulse();

  private static ReplicaView replica(int waitingTokens) {
    return new ReplicaView("r", 0, true, 1, 1, false, waitingTokens, 0, 0.1, 0);
  }

  @Test
  void busy_isTheShareOfReplicasWithPrefillToDo() {
    for (int i = 0; i < 2_000; i++) {
      pulse.decided(List.of(replica(10), replica(0), replica(0), replica(0)));
    }

    assertThat(pulse.busy()).isCloseTo(0.25, within(0.001));
  }

  @Test
  void answerMs_isTheMeanOfLate_andUnknownOnesDoNotCount() {
    assertThat(pulse.answerMs()).isZero();
    pulse.answered(2_000);
    pulse.answered(-1);

    assertThat(pulse.answerMs()).isEqualTo(2_000);
  }

  @Test
  void view_hitsAreTheMeanOfLate() {
    assertThat(pulse.view(List.of(replica(0))).hits()).isZero();
    for (int i = 0; i < 2_000; i++) {
      pulse.sent(i % 2 == 0 ? 800 : 400, 1_000);
    }

    assertThat(pulse.view(List.of(replica(0))).hits()).isCloseTo(0.6, within(0.002));
  }
}
