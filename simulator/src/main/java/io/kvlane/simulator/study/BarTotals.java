package io.kvlane.simulator.study;

import io.kvlane.simulator.study.BarCell.Verdict;
import java.util.List;
import java.util.Locale;

/**
 * Sum of a study's cells.
 *
 * @param within cells in which KVLane is the best or within 3 %
 * @param wins of those, strictly the best
 * @param ratio geometric mean of KVLane's p95 over the best rival's in the same cell
 */
record BarTotals(int cells, int within, int wins, double ratio) {
  static BarTotals of(List<BarCell> cells) {
    return new BarTotals(
        cells.size(),
        (int) cells.stream().filter(c -> c.verdict() != Verdict.LOSS).count(),
        (int) cells.stream().filter(c -> c.verdict() == Verdict.WIN).count(),
        GeometricMean.of(
            cells.stream().mapToDouble(BarCell::ratio).filter(r -> !Double.isNaN(r)).toArray()));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d cells: best or within 3 %% in %d, strictly best in %d; p95 TTFT to the best rival's,"
            + " geometric mean %.3f",
        cells,
        within,
        wins,
        ratio);
  }
}
