package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.workload.Traffic;
import java.util.List;
import java.util.Locale;

/**
 * How evenly KVLane spreads the work, and what of the possible hits that leaves.
 *
 * @param imbalance the busiest replica's uncached prompt tokens over the mean
 * @param hitRatio share of the prompt tokens found in a cache
 * @param ceiling that of {@link PooledCache}
 */
record Evenness(String workload, String fleet, double imbalance, double hitRatio, double ceiling) {
  /**
   * Measures a cell.
   *
   * @param row KVLane's
   * @param seeds of the row's workloads
   */
  static Evenness of(Row row, FleetSpec fleet, Source source, List<Integer> seeds) {
    int blockTokens = fleet.engine().blockTokens();
    long pooled = (long) row.cacheTokens() * fleet.replicas();
    double ceiling =
        seeds.stream()
            .map(seed -> Traffic.faster(source.requests(seed), row.speed()))
            .mapToDouble(requests -> PooledCache.hitRatio(requests, blockTokens, pooled))
            .average()
            .orElse(Double.NaN);
    return new Evenness(
        row.scenario(),
        row.fleet(),
        row.estimate(Metric.IMBALANCE).mean(),
        row.estimate(Metric.HIT_RATIO).mean(),
        ceiling);
  }

  /** Hits as a share of those of one pooled cache; with no hits to be had, all of them. */
  double share() {
    return ceiling == 0 ? 1 : hitRatio / ceiling;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "EVEN %-8s %-6s max/mean uncached %.3f, hits %.3f of one pooled cache (%.3f of %.3f)",
        workload,
        fleet,
        imbalance,
        share(),
        hitRatio,
        ceiling);
  }
}
