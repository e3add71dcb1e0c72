package io.kvlane.simulator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.Simulation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What KVLane's router lets through before it decides. */
class AdmissionTest {
  private int inFlight;
  private int most;

  private static FleetSpec fleet(int routers, double tokensPerSecond) {
    return new FleetSpec(
        List.of("here"),
        new double[][] {{0}},
        1,
        routers,
        new int[] {1},
        new FleetSpec.Engine(16, 1_000_000, 512, 2048, new StepCost(tokensPerSecond, 10, 0, 1)),
        new FleetSpec.Lag(1, 20, 100, 500, 1000),
        List.of());
  }

  /** Different prompts of 100 tokens, all at once. */
  private static List<Request> burst(int count) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long[] blocks = {1 + 10L * i, 2 + 10L * i};
      requests.add(new Request(i, 1_000_000, Request.NOTHING, 0, i, 0, blocks, 2, 32, 50));
    }
    return requests;
  }

  /** Counts what is in flight of a policy's routers. */
  private RoutingPolicy.Factory counted() {
    RoutingPolicy.Factory factory = KvLane.factory();
    return (spec, region, router, seed) -> {
      RoutingPolicy policy = factory.create(spec, region, router, seed);
      return new RoutingPolicy() {
        @Override
        public Choice route(Request request, boolean forwarded, RouterView view) {
          Choice choice = policy.route(request, forwarded, view);
          if (choice instanceof Choice.Replica) {
            inFlight++;
            most = Math.max(most, inFlight);
          }
          return choice;
        }

        @Override
        public Line line() {
          return policy.line();
        }

        @Override
        public void firstToken(Request request, int replica, double elapsedMs, RouterView view) {
          policy.firstToken(request, replica, elapsedMs, view);
        }

        @Override
        public void ended(Request request, int replica, RouterView view) {
          inFlight--;
          policy.ended(request, replica, view);
        }
      };
    };
  }

  @Test
  void burst_oneRouter_letsAsManyThroughAsTheReplicaMayRun() {
    Results results = Simulation.run(fleet(1, 100_000), burst(700), counted(), 1);

    assertThat(most).isEqualTo(320);
    assertThat(results.failed()).doesNotContain(true);
  }

  @Test
  void burst_twoRouters_keepTheLimitTogether() {
    Results results = Simulation.run(fleet(2, 100_000), burst(700), counted(), 1);

    assertThat(most).isBetween(314, 322);
    assertThat(results.failed()).doesNotContain(true);
  }

  @Test
  void burst_lineFull_refusesTheRest() {
    Results results = Simulation.run(fleet(1, 100_000), burst(2000), counted(), 1);

    int refused = 0;
    for (int times : results.refused()) {
      refused += times > 0 ? 1 : 0;
    }
    assertThat(refused).isEqualTo(2000 - 320 - 1024);
  }

  @Test
  void slowReplica_whoWaitsHalfAMinute_isRefused() {
    // 32 tokens take a second: the last of 400 has 80 in front of it in line.
    Results results = Simulation.run(fleet(1, 32), burst(400), counted(), 1);

    assertThat(results.refused()[399]).isPositive();
    assertThat(results.refused()[0]).isZero();
  }
}
