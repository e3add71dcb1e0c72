package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;

/**
 * KVLane beside the best of its rivals, on one workload, fleet, cache size and load. The best p95
 * and the best attainment may be of different rivals.
 *
 * @param row KVLane's
 * @param p95Ms KVLane's time to first token, NaN if it failed
 * @param attainment KVLane's share of the requests answered within the objective
 * @param rival with the best p95
 * @param rivalP95Ms its p95
 * @param bestAttainment of all rivals
 */
record BarCell(
    Row row,
    double p95Ms,
    double attainment,
    String rival,
    double rivalP95Ms,
    double bestAttainment) {

  /** What is as good as the best is no worse than this share off. */
  private static final double NEAR = 0.03;

  /** How KVLane does. */
  enum Verdict {
    /** Strictly the best p95, and no rival attains more. */
    WIN,
    /** Within 3 % of the best in both. */
    NEAR,
    LOSS
  }

  /** The cells of one study's rows. A rival that failed is left out; KVLane's failure is a loss. */
  static List<BarCell> of(List<Row> rows) {
    List<BarCell> cells = new ArrayList<>();
    for (Row row : rows) {
      if (row.policy().equals(Policies.KVLANE)) {
        List<Row> rivals =
            rows.stream()
                .filter(r -> r.sameCell(row) && !r.policy().equals(Policies.KVLANE))
                .filter(r -> !r.runs().isEmpty())
                .toList();
        if (!rivals.isEmpty()) {
          cells.add(of(row, rivals));
        }
      }
    }
    return cells;
  }

  private static BarCell of(Row own, List<Row> rivals) {
    Row best = rivals.getFirst();
    double attainment = 0;
    for (Row rival : rivals) {
      // Not below a NaN: a policy that answered nothing is no best one.
      if (p95(rival) < p95(best) || Double.isNaN(p95(best))) {
        best = rival;
      }
      attainment = Math.max(attainment, rival.estimate(Metric.ATTAINMENT).mean());
    }
    return new BarCell(
        own,
        p95(own),
        own.estimate(Metric.ATTAINMENT).mean(),
        best.policy(),
        p95(best),
        attainment);
  }

  private static double p95(Row row) {
    return row.estimate(Metric.TTFT_P95).mean();
  }

  /** KVLane's p95 over the best rival's. */
  double ratio() {
    return p95Ms / rivalP95Ms;
  }

  Verdict verdict() {
    if (p95Ms < rivalP95Ms && attainment >= bestAttainment) {
      return Verdict.WIN;
    }
    boolean near = ratio() <= 1 + NEAR && attainment >= (1 - NEAR) * bestAttainment;
    return near ? Verdict.NEAR : Verdict.LOSS;
  }
}
