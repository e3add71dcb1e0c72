package io.kvlane.locality.log;

import static io.kvlane.locality.log.DrainState.DOWN_MILLIS;
import static io.kvlane.locality.log.DrainState.UP_MILLIS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import org.junit.jupiter.api.Test;

class DrainStateTest {
  private static DrainState order(Action action, double from) {
    return new DrainState(Kind.REPLICA, "r1", action, from, 0);
  }

  @Test
  void drain_share_fallsToNothingAndStays() {
    DrainState drain = order(Action.DRAIN, 1);

    assertThat(drain.share(0)).isEqualTo(1);
    assertThat(drain.share(DOWN_MILLIS / 4.0)).isCloseTo(0.75, within(1e-9));
    assertThat(drain.share(DOWN_MILLIS)).isZero();
    assertThat(drain.share(1e12)).isZero();
  }

  @Test
  void evacuate_share_isNothingAtOnce() {
    assertThat(order(Action.EVACUATE, 1).share(0)).isZero();
  }

  @Test
  void resume_share_risesFromWhereItWas() {
    DrainState resume = order(Action.RESUME, 0.4);

    assertThat(resume.share(0)).isEqualTo(0.4);
    assertThat(resume.share(UP_MILLIS / 2.0)).isCloseTo(0.9, within(1e-9));
    assertThat(resume.share(UP_MILLIS)).isEqualTo(1);
  }

  @Test
  void drain_inTheMiddleOfAResume_goesOnFromThere() {
    double there = order(Action.RESUME, 0).share(UP_MILLIS * 0.3);

    assertThat(order(Action.DRAIN, there).share(0)).isCloseTo(0.3, within(1e-9));
    assertThat(order(Action.DRAIN, there).share(DOWN_MILLIS * 0.3)).isCloseTo(0, within(1e-9));
  }

  @Test
  void mapKey_differsByKind() {
    assertThat(DrainState.mapKey(Kind.POOL, "a"))
        .isNotEqualTo(DrainState.mapKey(Kind.REPLICA, "a"));
    assertThat(order(Action.DRAIN, 1).mapKey()).isEqualTo(DrainState.mapKey(Kind.REPLICA, "r1"));
  }
}
