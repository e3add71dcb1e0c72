package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Replicas that need one second for each request, and no cache that helps. */
class SaturationTest {
  private static final int REQUESTS = 201;
  private static final Offset<Double> PRECISION = within(0.02);

  private final AtomicInteger runs = new AtomicInteger();

  private static FleetSpec fleet(int replicas, int cacheTokens) {
    return new FleetSpec(
        List.of("here"),
        new double[1][1],
        0,
        1,
        new int[] {replicas},
        new FleetSpec.Engine(100, cacheTokens, 4, 1000, new StepCost(1000, 0, 0, 1)),
        new FleetSpec.Lag(0, 100, 100, 1000, 1000),
        List.of(new FleetSpec.Fault.ReplicaDown(0, 1000, 1e6)));
  }

  /** One a second, 1000 tokens each, none like another. */
  private static List<Request> requests(int follows) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      long[] blocks = new long[10];
      for (int b = 0; b < blocks.length; b++) {
        blocks[b] = i * 100L + b + 1;
      }
      boolean first = i == 0 || follows == Request.NOTHING;
      int before = first ? Request.NOTHING : i - 1;
      requests.add(new Request(i, i * 1_000_000_000L, before, 0, i, 0, blocks, 10, 1000, 1));
    }
    return requests;
  }

  private static Supplier<RoutingPolicy.Factory> policy(String name) {
    return () -> TinyPolicies.ALL.fresh(name);
  }

  private Saturation saturation(FleetSpec fleet, List<Request> requests) {
    return new Saturation(fleet, requests, 5000, 1, runs::incrementAndGet);
  }

  @Test
  void oneReplica_isWhereNineTenthsAreStillInTime() {
    // Request i comes at i / s and is answered at i + 1, so it waits i (1 - 1 / s) + 1 seconds; the
    // 181st of 201 is to be the last within 5 s: 180 (1 - 1 / s) = 4.
    double expected = 1 / (1 - 4 / 180.0);

    double found =
        saturation(fleet(1, 10_000), requests(Request.NOTHING)).of(List.of(policy("turns")));

    assertThat(found).isCloseTo(expected, PRECISION);
    assertThat(runs).hasValueLessThanOrEqualTo(Saturation.MAX_RUNS);
  }

  @Test
  void twoReplicas_areTwiceAsFast() {
    double expected = 2 / (1 - 4 / 90.0);

    double found =
        saturation(fleet(2, 10_000), requests(Request.NOTHING)).of(List.of(policy("turns")));

    assertThat(found).isCloseTo(expected, within(0.05));
  }

  @Test
  void panel_isAsGoodAsItsBest() {
    Supplier<RoutingPolicy.Factory> onlyFirst =
        () ->
            (spec, region, router, seed) ->
                (request, forwarded, view) -> new RoutingPolicy.Choice.Replica(0, 0);
    Saturation saturation = saturation(fleet(2, 10_000), requests(Request.NOTHING));

    double poor = saturation.of(List.of(onlyFirst));
    double both = saturation.of(List.of(onlyFirst, policy("turns")));
    int before = runs.get();
    double other = saturation.of(List.of(policy("turns"), onlyFirst));

    assertThat(both / poor).isCloseTo(2, within(0.1));
    assertThat(other / both).isCloseTo(1, PRECISION);
    assertThat(runs.get() - before).isLessThanOrEqualTo(Saturation.MAX_RUNS + 1);
  }

  @Test
  void requestThatFitsNowhere_isNeverKeptUpWith() {
    double found =
        saturation(fleet(1, 500), requests(Request.NOTHING)).of(List.of(policy("turns")));

    assertThat(found).isZero();
    assertThat(runs).hasValueLessThan(Saturation.MAX_RUNS);
  }

  @Test
  void closedLoop_oneConversation_isNeverTooFast() {
    // Each request comes after the answer to the one before: the time to first token is always 1 s.
    Saturation saturation = saturation(fleet(1, 10_000), requests(0));

    assertThat(saturation.of(List.of(policy("turns"), policy("least")))).isInfinite();
    assertThat(runs).hasValueLessThan(Saturation.MAX_RUNS);
  }

  @Test
  void closedLoop_isHalfAsFastIfConversationsHaveTwoTurns() {
    List<Request> requests = new ArrayList<>();
    for (Request first : requests(Request.NOTHING)) {
      for (int turn = 0; turn < 2; turn++) {
        int number = requests.size();
        long[] blocks = first.blocks().clone();
        blocks[0] += 1_000_000L * turn;
        requests.add(
            new Request(
                number,
                turn == 0 ? first.atNanos() : 0,
                turn == 0 ? Request.NOTHING : number - 1,
                0,
                first.session(),
                0,
                blocks,
                10,
                1000,
                1));
      }
    }

    double found = saturation(fleet(1, 10_000), requests).of(List.of(policy("turns")));

    assertThat(found).isCloseTo(0.5, within(0.03));
  }
}
