package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.log.DrainState;
import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import io.kvlane.locality.log.ReplicaState;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OpeningsTest {
  private final Replica a = replica("a", true);
  private final Replica b = replica("b", true);
  private final Replica dead = replica("dead", false);

  private static Replica replica(String id, boolean healthy) {
    var state =
        new ReplicaState(
            id, "http://127.0.0.1:1", List.of("m"), healthy, 1, -1, false, 16, 0, 0, 0, 0);
    return new Replica(state, 0, new Breaker(() -> 0, 1_000_000_000L));
  }

  private Openings when(double shareOfA, double shareOfB, double place) {
    return Openings.of(
        List.of(a, b, dead), replica -> replica.equals(a) ? shareOfA : shareOfB, place);
  }

  @Test
  void nothingDrained_allHealthyMayTakeIt() {
    Openings openings = when(1, 1, Math.nextDown(1.0));

    assertThat(openings.choosable()).containsExactlyInAnyOrder(a, b);
    assertThat(openings.yielding()).isFalse();
  }

  @Test
  void drained_othersTakeIt() {
    Openings openings = when(0, 1, 0.5);

    assertThat(openings.choosable()).containsExactly(b);
    assertThat(openings.spared()).containsExactly(a);
    assertThat(openings.yielding()).isFalse();
  }

  @Test
  void allDrained_theyYieldAndAreTheLastResort() {
    Openings openings = when(0, 0.2, 0.5);

    assertThat(openings.choosable()).containsExactlyInAnyOrder(a, b);
    assertThat(openings.yielding()).isTrue();
  }

  @Test
  void allDead_nobodyYields() {
    Openings openings = Openings.of(List.of(dead), replica -> 0, 0.5);

    assertThat(openings.choosable()).isEmpty();
    assertThat(openings.yielding()).isFalse();
  }

  /** While A is drained and comes back, a conversation leaves it once and returns once. */
  @Test
  void ramp_conversation_movesOnceEachWay() {
    var down = new DrainState(Kind.REPLICA, "a", Action.DRAIN, 1, 0);
    var up = new DrainState(Kind.REPLICA, "a", Action.RESUME, 0, 0);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 200; i++) {
      double place = random.nextDouble();
      assertThat(moves(down, DrainState.DOWN_MILLIS, place))
          .as("down, place %s", place)
          .isEqualTo(1);
      assertThat(moves(up, DrainState.UP_MILLIS, place)).as("up, place %s", place).isEqualTo(1);
    }
  }

  private int moves(DrainState order, long millis, double place) {
    int moves = 0;
    boolean there = when(order.share(0), 1, place).choosable().contains(a);
    for (int age = 0; age <= millis; age += 20) {
      boolean now = when(order.share(age), 1, place).choosable().contains(a);
      moves += now == there ? 0 : 1;
      there = now;
    }
    return moves;
  }
}
