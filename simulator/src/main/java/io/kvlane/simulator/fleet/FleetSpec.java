package io.kvlane.simulator.fleet;

import io.kvlane.simulator.engine.StepCost;
import java.util.List;

/**
 * What is simulated besides the workload.
 *
 * @param regions the regions' names
 * @param roundTripMs between any two regions; symmetric, 0 on the diagonal
 * @param localRoundTripMs between a router and a replica of its own region
 * @param routersPerRegion at least 1
 * @param replicasPerRegion how many replicas each region has
 * @param engine each replica
 * @param lag how old what routers see is
 * @param faults what goes wrong, in any order
 */
public record FleetSpec(
    List<String> regions,
    double[][] roundTripMs,
    double localRoundTripMs,
    int routersPerRegion,
    int[] replicasPerRegion,
    Engine engine,
    Lag lag,
    List<Fault> faults) {

  /**
   * A replica.
   *
   * @param blockTokens tokens per cache block
   * @param cacheTokens size of the cache
   * @param maxSequences requests that run at the same time
   * @param maxBatchedTokens tokens computed in one step
   * @param cost how long a step takes
   */
  public record Engine(
      int blockTokens, int cacheTokens, int maxSequences, int maxBatchedTokens, StepCost cost) {
    /** Prefill time of one token on an idle replica. */
    public double msPerToken() {
      return 1e3 / cost.prefillTokensPerSecond();
    }
  }

  /**
   * How late routers learn things, milliseconds. Intervals count as 1 at least.
   *
   * @param eventMs a cache event, from engine to the region's routers
   * @param loadMs interval at which routers of a region tell each other their counts
   * @param gaugeMs interval at which engines' own gauges are read
   * @param digestMs interval at which regions tell each other what they hold and how busy they are
   * @param detectMs until a lost region or link is noticed; a dead replica is noticed at once, by
   *     its broken connections
   */
  public record Lag(
      double eventMs, double loadMs, double gaugeMs, double digestMs, double detectMs) {}

  /** Something going wrong. Times are milliseconds from the start. */
  public sealed interface Fault {
    /** The replica's process dies and is back, cold, at {@code untilMs}. */
    record ReplicaDown(int replica, double atMs, double untilMs) implements Fault {}

    /** All of a region is gone, and back at {@code untilMs}, its caches cold. */
    record RegionDown(int region, double atMs, double untilMs) implements Fault {}

    /** Two regions cannot reach each other. */
    record Cut(int a, int b, double atMs, double untilMs) implements Fault {}

    /** A region's clock is ahead by so much, always: its digests seem younger than they are. */
    record ClockSkew(int region, double aheadMs) implements Fault {}
  }

  public FleetSpec {
    regions = List.copyOf(regions);
    faults = List.copyOf(faults);
    if (regions.isEmpty()
        || roundTripMs.length != regions.size()
        || replicasPerRegion.length != regions.size()) {
      throw new IllegalArgumentException(
          "regions, round trips and replicas per region: expected equally many, at least one");
    }
    if (routersPerRegion < 1) {
      throw new IllegalArgumentException(
          "routersPerRegion: " + routersPerRegion + " (expected: >= 1)");
    }
  }

  /** All replicas of all regions. */
  public int replicas() {
    int sum = 0;
    for (int n : replicasPerRegion) {
      sum += n;
    }
    return sum;
  }
}
