package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.locality.log.DrainState;
import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

class DrainsTest {
  private static final String MODEL = "org/model";

  private final ConcurrentMap<String, String> shared = new ConcurrentHashMap<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private long millis = 1_000_000;
  private final Drains drains = router(meters);

  private Drains router(SimpleMeterRegistry registry) {
    Drains made =
        new Drains("us-east", shared, registry, () -> millis * 1_000_000, () -> millis + 7_000_000);
    made.refresh();
    return made;
  }

  private double share(Drains of) {
    return of.share(MODEL, "r1", millis * 1_000_000);
  }

  private double drained(Kind kind) {
    return meters.get("kvlane.drained").tag("kind", Drains.word(kind)).gauge().value();
  }

  @Test
  void drain_share_rampsDownAndResumeUp() {
    assertThat(share(drains)).isEqualTo(1);

    drains.give(Kind.REPLICA, "r1", Action.DRAIN);
    millis += DrainState.DOWN_MILLIS / 2;
    assertThat(share(drains)).isCloseTo(0.5, within(1e-9));
    assertThat(drained(Kind.REPLICA)).isEqualTo(1);
    assertThat(drained(Kind.REGION)).isZero();

    drains.give(Kind.REPLICA, "r1", Action.RESUME);
    assertThat(share(drains)).isCloseTo(0.5, within(1e-9));
    millis += DrainState.UP_MILLIS;
    assertThat(share(drains)).isEqualTo(1);
    assertThat(drained(Kind.REPLICA)).isZero();
  }

  @Test
  void share_isTheLeastOfReplicaPoolAndRegion() {
    drains.give(Kind.POOL, MODEL, Action.DRAIN);
    millis += DrainState.DOWN_MILLIS / 4;
    drains.give(Kind.REGION, "us-east", Action.DRAIN);
    assertThat(share(drains)).isCloseTo(0.75, within(1e-9));
    assertThat(drains.share("other", "r1", millis * 1_000_000)).isEqualTo(1);

    drains.give(Kind.POOL, MODEL, Action.RESUME);
    millis += DrainState.DOWN_MILLIS;
    assertThat(share(drains)).isZero();
  }

  @Test
  void evacuate_closesAtOnce_drainOpensAsLastResort() {
    drains.give(Kind.REGION, "us-east", Action.EVACUATE);
    assertThat(drains.evacuated(MODEL, "r1")).isTrue();
    assertThat(drains.evacuation(MODEL)).contains("Region us-east");

    drains.give(Kind.REGION, "us-east", Action.DRAIN);
    assertThat(drains.evacuated(MODEL, "r1")).isFalse();
    assertThat(share(drains)).isZero();
  }

  @Test
  void give_again_doesNotBeginAnew() {
    drains.give(Kind.REPLICA, "r1", Action.DRAIN);
    millis += DrainState.DOWN_MILLIS / 2;
    drains.give(Kind.REPLICA, "r1", Action.DRAIN);

    assertThat(share(drains)).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void resume_ofWhatIsInService_changesNothing() {
    drains.give(Kind.REPLICA, "r1", Action.RESUME);

    assertThat(shared).isEmpty();
    assertThat(share(drains)).isEqualTo(1);
  }

  @Test
  void otherRouter_seesTheOrder_andOneThatStartsSeesItsAge() {
    Drains other = router(new SimpleMeterRegistry());
    drains.give(Kind.REPLICA, "r1", Action.DRAIN);
    other.refresh();
    assertThat(share(other)).isEqualTo(1);

    millis += DrainState.DOWN_MILLIS;
    assertThat(share(other)).isZero();
    assertThat(share(router(new SimpleMeterRegistry()))).isZero();
  }

  @Test
  void otherRouter_whoseClockIsWrong_rampsAllTheSame() {
    var wrong = new Drains("us-east", shared, new SimpleMeterRegistry(), () -> 0, () -> 1);
    wrong.refresh();
    drains.give(Kind.REPLICA, "r1", Action.DRAIN);
    wrong.refresh();

    assertThat(wrong.share(MODEL, "r1", DrainState.DOWN_MILLIS * 500_000))
        .isCloseTo(0.5, within(1e-9));
  }

  @Test
  void resume_rampOver_isForgotten() {
    drains.give(Kind.REPLICA, "r1", Action.DRAIN);
    drains.give(Kind.REPLICA, "r1", Action.RESUME);
    millis += 10 * DrainState.UP_MILLIS;
    drains.refresh();

    assertThat(shared).isEmpty();
    assertThat(drains.order(Kind.REPLICA, "r1")).isNull();
  }

  @Test
  void refresh_whatIsNoOrder_isSkipped() {
    drains.give(Kind.REPLICA, "r1", Action.EVACUATE);
    shared.put("REPLICA/r2", "{");
    shared.put("REPLICA/r3", shared.get("REPLICA/r1"));
    shared.put("REPLICA/r4", "null");
    drains.refresh();

    assertThat(drains.names(Kind.REPLICA)).containsExactly("r1");
  }
}
