package io.kvlane.simulator.study;

import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Fleets of the studies, and variants of a fleet. */
final class Fleets {
  /** Regions whose round trips are known. */
  static final List<String> REGIONS = List.of("us-east", "eu-west", "ap-northeast");

  // Rounded from public measurements between clouds' regions of these names.
  private static final double[][] ROUND_TRIP_MS = {{0, 90, 160}, {90, 0, 235}, {160, 235, 0}};

  private Fleets() {}

  /** Between two of {@link #REGIONS}, by their positions. */
  static double roundTripMs(int a, int b) {
    return ROUND_TRIP_MS[a][b];
  }

  /**
   * The fleet that the decision is measured on: two routers a region, replicas that prefill a token
   * in 0.094 ms, and what routers see as late as scenario files have it by default.
   *
   * @param regions 1 to 3
   */
  static FleetSpec of(int regions, int replicasPerRegion, int cacheTokens) {
    int[] replicas = new int[regions];
    Arrays.fill(replicas, replicasPerRegion);
    double[][] roundTrips = new double[regions][];
    Arrays.setAll(roundTrips, i -> Arrays.copyOf(ROUND_TRIP_MS[i], regions));
    return new FleetSpec(
        REGIONS.subList(0, regions),
        roundTrips,
        0.5,
        2,
        replicas,
        new FleetSpec.Engine(512, cacheTokens, 256, 2048, new StepCost(10_660, 12, 0.15, 1)),
        new FleetSpec.Lag(50, ReplicaLoad.TOLD_MS, 100, 1000, 2000),
        List.of());
  }

  static FleetSpec withCache(FleetSpec fleet, int cacheTokens) {
    FleetSpec.Engine engine = fleet.engine();
    return with(
        fleet,
        new FleetSpec.Engine(
            engine.blockTokens(),
            cacheTokens,
            engine.maxSequences(),
            engine.maxBatchedTokens(),
            engine.cost()),
        fleet.faults());
  }

  static FleetSpec withFaults(FleetSpec fleet, List<Fault> faults) {
    return with(fleet, fleet.engine(), faults);
  }

  private static FleetSpec with(FleetSpec fleet, FleetSpec.Engine engine, List<Fault> faults) {
    return new FleetSpec(
        fleet.regions(),
        fleet.roundTripMs(),
        fleet.localRoundTripMs(),
        fleet.routersPerRegion(),
        fleet.replicasPerRegion(),
        engine,
        fleet.lag(),
        faults);
  }

  /** Replicas by region, for example 8+4+4. */
  static String describe(FleetSpec fleet) {
    return Arrays.stream(fleet.replicasPerRegion())
        .mapToObj(Integer::toString)
        .collect(Collectors.joining("+"));
  }
}
