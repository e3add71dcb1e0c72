package io.kvlane.simulator.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * KVLane against the best fixed rival: the one whose p95 has the lowest geometric mean over all
 * draws, as somebody would choose who can choose only once.
 *
 * @param draws in which every policy has a p95; the others do not count
 * @param ratio geometric mean of KVLane's p95 over the rival's
 * @param worse draws in which KVLane's is more than 10 % above
 */
record DrawTotals(int draws, String rival, double ratio, int worse) {
  private static final double WORSE = 1.1;

  /**
   * Sums up.
   *
   * @param draws p95 by policy, KVLane's and at least one rival's; NaN for none
   */
  static DrawTotals of(List<Map<String, Double>> draws) {
    List<Map<String, Double>> whole =
        draws.stream()
            .filter(d -> !d.isEmpty() && d.values().stream().noneMatch(p95 -> p95.isNaN()))
            .toList();
    Map<String, double[]> ratios = new LinkedHashMap<>();
    for (Map<String, Double> draw : whole) {
      for (String rival : draw.keySet()) {
        if (!rival.equals(Policies.KVLANE)) {
          ratios.computeIfAbsent(rival, r -> ratios(whole, r));
        }
      }
    }
    // The lowest mean of the rival's p95 is the highest of ours over it.
    String best = "nobody";
    double ratio = Double.NaN;
    for (Map.Entry<String, double[]> rival : ratios.entrySet()) {
      double mean = GeometricMean.of(rival.getValue());
      if (Double.isNaN(ratio) || mean > ratio) {
        best = rival.getKey();
        ratio = mean;
      }
    }
    double[] against = ratios.getOrDefault(best, new double[0]);
    int worse = 0;
    for (double one : against) {
      worse += one > WORSE ? 1 : 0;
    }
    return new DrawTotals(whole.size(), best, ratio, worse);
  }

  private static double[] ratios(List<Map<String, Double>> draws, String rival) {
    return draws.stream().mapToDouble(d -> ratio(d, rival)).toArray();
  }

  /** KVLane's p95 over a rival's in one draw. */
  static double ratio(Map<String, Double> draw, String rival) {
    return p95Ms(draw, Policies.KVLANE) / p95Ms(draw, rival);
  }

  /** A policy's p95 in one draw; NaN if it has none. */
  static double p95Ms(Map<String, Double> draw, String policy) {
    return draw.getOrDefault(policy, Double.NaN);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d draws: best fixed rival %s; p95 TTFT to its, geometric mean %.3f; more than 10 %% worse"
            + " in %d",
        draws,
        rival,
        ratio,
        worse);
  }
}
