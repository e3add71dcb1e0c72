package io.kvlane.simulator.study;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One policy in one cell of a study.
 *
 * @param scenario its name
 * @param fleet its replicas by region
 * @param cacheTokens size of a replica's cache
 * @param load share of saturation; NaN if the scenario gives speeds
 * @param speed how much faster than the workload says requests came
 * @param policy its name
 * @param runs one a seed, in the order of the seeds
 */
public record Row(
    String scenario,
    String fleet,
    int cacheTokens,
    double load,
    double speed,
    String policy,
    List<Summary> runs) {

  public Row {
    runs = List.copyOf(runs);
  }

  /** Mean over the seeds. */
  public Estimate estimate(Metric metric) {
    return Estimate.of(runs.stream().mapToDouble(metric::of).toArray());
  }

  /** Percentiles 0 to 100 of the time to first token, each the mean over the seeds. */
  double[] ttftPercentiles() {
    return IntStream.rangeClosed(0, 100)
        .mapToDouble(
            p -> runs.stream().mapToDouble(s -> s.ttftMs().get(p)).average().orElse(Double.NaN))
        .toArray();
  }

  /** Whether both are compared with each other: the same but for the policy. */
  boolean sameCell(Row other) {
    return cacheTokens == other.cacheTokens
        && Double.compare(load, other.load) == 0
        && speed == other.speed;
  }
}
