package io.kvlane.simulator.fleet;

import static io.kvlane.simulator.fleet.Worked.LAG;
import static io.kvlane.simulator.fleet.Worked.first;
import static io.kvlane.simulator.fleet.Worked.fleet;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Shape;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What holds for every policy under all faults. */
class InvariantsTest {
  private static final Shape CHAT =
      new Shape(
          Shape.Kind.CHAT,
          400,
          2,
          3,
          1,
          2,
          1,
          200,
          60,
          20,
          4,
          500,
          0,
          0,
          0,
          0.7,
          new double[] {2, 1, 1},
          0.2,
          0);

  /** Anywhere, or nowhere yet: all that a policy may do. */
  private static RoutingPolicy.Factory erratic() {
    return (spec, region, router, seed) ->
        new RoutingPolicy() {
          private final SplittableRandom random = new SplittableRandom(seed);

          @Override
          public Choice route(Request request, boolean forwarded, RouterView view) {
            return switch (random.nextInt(4)) {
              case 0 -> new Choice.Wait();
              case 1 -> new Choice.Replica(random.nextInt(spec.replicas()), 0);
              case 2 ->
                  forwarded
                      ? first(view)
                      : new Choice.Region(random.nextInt(spec.regions().size()));
              default -> first(view);
            };
          }
        };
  }

  private static FleetSpec troubled() {
    return fleet(
        3,
        2,
        new int[] {2, 2, 1},
        LAG,
        new Fault.ReplicaDown(0, 9_000, 20_000),
        new Fault.RegionDown(1, 15_000, 30_000),
        new Fault.Cut(0, 2, 25_000, 45_000),
        new Fault.RegionDown(0, 28_000, 40_000));
  }

  @Test
  void run_sameSeed_sameResults() {
    List<Request> requests = Generator.generate(CHAT, 10, 3);

    Results one = Simulation.run(troubled(), requests, erratic(), 5);
    Results two = Simulation.run(troubled(), requests, erratic(), 5);
    Results other = Simulation.run(troubled(), requests, erratic(), 6);

    assertThat(two)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
        .isEqualTo(one);
    assertThat(other.ttftMs()).isNotEqualTo(one.ttftMs());
  }

  @Test
  void run_anyPolicyAndFaults_everyRequestEndsOnceAndNothingStaysInFlight() {
    List<Request> requests = Generator.generate(CHAT, 10, 3);
    for (int seed = 0; seed < 20; seed++) {
      Simulation simulation = new Simulation(troubled(), requests, erratic(), seed);

      Results results = simulation.run();

      int failed = 0;
      for (int i = 0; i < requests.size(); i++) {
        boolean answered = !Double.isNaN(results.endToEndMs()[i]);
        assertThat(answered).as("request %d of seed %d", i, seed).isNotEqualTo(results.failed()[i]);
        assertThat(results.cachedTokens()[i]).isLessThan(requests.get(i).promptTokens());
        failed += results.failed()[i] ? 1 : 0;
      }
      assertThat(failed).isBetween(1, requests.size() / 4);
      assertThat(simulation.inFlight()).isZero();
    }
  }
}
