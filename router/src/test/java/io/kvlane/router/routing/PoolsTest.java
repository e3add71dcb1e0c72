package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.log.DrainState;
import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.region.RegionState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolsTest {
  private static final String MODEL = "m";

  private long nanos = 1_000_000_000;
  private final Fleet fleet = new Fleet(4, () -> nanos);
  private final Drains drains =
      new Drains(
          "us-east",
          new ConcurrentHashMap<>(),
          new SimpleMeterRegistry(),
          () -> nanos,
          () -> nanos / 1_000_000);
  private Pools pools;

  @BeforeEach
  void start() throws Exception {
    var config =
        new ConfigLoader(Map.of())
            .parse("test", "pools: [{model: m, keySpace: text, maxRequestsPerReplica: 10}]");
    pools =
        new Pools(
            new PoolSettings(config, Policies.of(Policy.DEFAULTS)),
            fleet,
            drains,
            model -> new PoolPulse(),
            () -> 1,
            () -> nanos);
    for (String id : List.of("a", "b")) {
      fleet.update(
          new ReplicaState(
              id, "http://127.0.0.1:1", List.of(MODEL), true, 1, -1, false, 16, 0, 0, 0, 0));
    }
    drains.refresh();
  }

  private void order(Kind kind, String name, Action action) {
    drains.give(kind, name, action);
    nanos += DrainState.DOWN_MILLIS * 1_000_000;
  }

  private void running(String id, int requests) {
    Replica replica = Objects.requireNonNull(fleet.get(id));
    for (int i = 0; i < requests; i++) {
      replica.load().dispatched(new long[0], 0, 0.1, nanos);
    }
  }

  private RegionState.Model told() {
    return pools.states().getFirst();
  }

  @Test
  void nothingDrained_capacityIsEverybodys() {
    assertThat(pools.capacity(MODEL, 5)).isEqualTo(25);
    assertThat(told().spare()).isEqualTo(20);
    assertThat(told().drained()).isZero();
  }

  @Test
  void drainedReplica_givesNothing_butWhatRunsThereTakesNoPlaceFromOthers() {
    running("a", 3);
    order(Kind.REPLICA, "a", Action.DRAIN);

    assertThat(pools.capacity(MODEL, 0)).isEqualTo(10 + 3);
    assertThat(told().spare()).isEqualTo(10);
    assertThat(told().drained()).isZero();
  }

  @Test
  void drainedRegion_tellsOthersSo_andIsItsOwnLastResort() {
    order(Kind.REGION, "us-east", Action.DRAIN);

    assertThat(told().spare()).isZero();
    assertThat(told().drained()).isEqualTo(1);
    assertThat(pools.capacity(MODEL, 7)).isEqualTo(7);
    assertThat(pools.capacity(MODEL, 0)).isEqualTo(20);
  }

  @Test
  void evacuatedPool_isNoLastResortAndUnknownToOthers() {
    order(Kind.POOL, MODEL, Action.EVACUATE);

    assertThat(pools.serving(MODEL)).isEmpty();
    assertThat(pools.states()).isEmpty();
    assertThat(pools.capacity(MODEL, 0)).isZero();
    assertThat(pools.capacity(MODEL, 7)).isEqualTo(7);
  }

  @Test
  void regionComingBack_tellsHowFar() {
    order(Kind.REGION, "us-east", Action.EVACUATE);
    drains.give(Kind.REGION, "us-east", Action.RESUME);
    nanos += DrainState.UP_MILLIS * 1_000_000 / 2;

    assertThat(told().drained()).isEqualTo(0.5);
    assertThat(told().spare()).isEqualTo(10);
  }
}
