package io.kvlane.simulator.rival;

import static io.kvlane.simulator.rival.FakeView.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every policy. */
class RivalsInFleetTest {
  private static final int BLOCK_TOKENS = 64;

  private static final Shape CHAT =
      new Shape(
          Shape.Kind.CHAT,
          300,
          4,
          3,
          1,
          2,
          1,
          600,
          200,
          40,
          4,
          2000,
          0,
          0,
          0,
          0.5,
          new double[] {3},
          0.2,
          0);

  private static final double[][] WORLD = {{0, 90, 160}, {90, 0, 235}, {160, 235, 0}};

  static List<String> names() {
    return Rivals.names();
  }

  private static FleetSpec fleet(double[][] roundTrips, int[] replicas, List<Fault> faults) {
    List<String> regions = List.of("us", "eu", "ap").subList(0, replicas.length);
    return new FleetSpec(
        regions,
        roundTrips,
        1,
        2,
        replicas,
        new FleetSpec.Engine(BLOCK_TOKENS, 64_000, 16, 2048, new StepCost(4000, 10, 0.5, 1)),
        new FleetSpec.Lag(5, 100, 100, 500, 1000),
        faults);
  }

  private static void assertAllAnswered(Results results) {
    for (int i = 0; i < results.failed().length; i++) {
      assertThat(results.failed()[i]).as("request %d failed", i).isFalse();
      assertThat(results.endToEndMs()[i]).as("end of request %d", i).isPositive();
    }
  }

  private static void assertAnsweredAndRepeatable(FleetSpec fleet, String name) {
    Shape shape = CHAT.in(fleet.regions().size());
    List<Request> requests = Generator.generate(shape, BLOCK_TOKENS, 5);
    Results first = Simulation.run(fleet, requests, Rivals.named(name), 11);
    Results second = Simulation.run(fleet, requests, Rivals.named(name), 11);

    assertAllAnswered(first);
    assertThat(second).usingRecursiveComparison().isEqualTo(first);
  }

  @ParameterizedTest
  @MethodSource("names")
  void run_oneRegion_allAnsweredAndRepeatable(String name) {
    assertAnsweredAndRepeatable(fleet(new double[1][1], new int[] {4}, List.of()), name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void run_threeRegions_allAnsweredAndRepeatable(String name) {
    assertAnsweredAndRepeatable(fleet(WORLD, new int[] {2, 2, 2}, List.of()), name);
  }

  /** A region's replicas die for a while under its routers: every request has an outcome. */
  @ParameterizedTest
  @MethodSource("names")
  void run_replicasLost_everyRequestEnds(String name) {
    List<Fault> faults =
        List.of(new Fault.ReplicaDown(0, 5000, 15_000), new Fault.ReplicaDown(1, 5500, 15_000));
    FleetSpec fleet = fleet(WORLD, new int[] {2, 2, 2}, faults);
    List<Request> requests = Generator.generate(CHAT.in(3), BLOCK_TOKENS, 5);

    Results results = Simulation.run(fleet, requests, Rivals.named(name), 11);

    for (int i = 0; i < requests.size(); i++) {
      boolean answered = results.endToEndMs()[i] > 0;
      assertThat(answered || results.failed()[i]).as("request %d has an outcome", i).isTrue();
    }
  }

  /** Region 1 is nearer than region 2, but none of its replicas is healthy. */
  @ParameterizedTest
  @MethodSource("names")
  void route_noHealthyLocal_nearestLivingRegion_unlessForwarded(String name) {
    FakeView view = new FakeView(2, 1, 1, 1);
    RoutingPolicy policy = Rivals.named(name).create(view.spec, 0, 0, 1);
    Arrays.fill(view.down, 0, 3, true);

    assertThat(policy.route(request(0, 1), false, view)).isInstanceOf(Choice.Region.class);
    if (!name.equals("skywalker-hash")) {
      assertThat(policy.route(request(0, 1), false, view)).isEqualTo(new Choice.Region(2));
    }
    assertThat(policy.route(request(0, 1), true, view)).isEqualTo(new Choice.Replica(0, 0));
  }
}
