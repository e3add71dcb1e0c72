package io.kvlane.simulator.study;

import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.PrefillRate;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.Reuse;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.policy.KvLane;
import io.kvlane.simulator.policy.Parts;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleFunction;

/**
 * What becomes of the decision when one of the constants in what feeds it is another: the 95th
 * percentile of the time to first token as a share of that with the real ones, and hits. Over
 * several seeds, because near saturation chance decides as much.
 */
final class Constants {
  /**
   * One constant, and what it is replaced by.
   *
   * @param real its value in the router
   */
  private record Constant(
      String name, double real, List<Double> others, DoubleFunction<Parts> parts) {}

  private static final Parts REAL = Parts.REAL;

  private static final List<Constant> ALL =
      List.of(
          new Constant(
              "Homes: evidence",
              Homes.EVIDENCE,
              List.of(2.0, 32.0),
              v -> REAL.withHomes(() -> new Homes((int) v, Homes.PERIOD))),
          new Constant(
              "Homes: period, requests",
              Homes.PERIOD,
              List.of(256.0, 16_384.0),
              v -> REAL.withHomes(() -> new Homes(Homes.EVIDENCE, (int) v))),
          new Constant(
              "PrefillRate: decay",
              PrefillRate.DECAY,
              List.of(0.8, 0.99),
              v -> REAL.withRate(() -> new PrefillRate(v, PrefillRate.MIN_TOKENS))),
          new Constant(
              "PrefillRate: least tokens",
              PrefillRate.MIN_TOKENS,
              List.of(32.0, 2_048.0),
              v -> REAL.withRate(() -> new PrefillRate(PrefillRate.DECAY, (int) v))),
          new Constant(
              "ReplicaLoad: grace, times",
              ReplicaLoad.GRACE_FACTOR,
              List.of(1.25, 4.0, 1_000.0),
              v -> REAL.withLoad(() -> new ReplicaLoad(v, ReplicaLoad.GRACE_MS))),
          new Constant(
              "ReplicaLoad: grace, ms",
              ReplicaLoad.GRACE_MS,
              List.of(50.0, 1_000.0),
              v -> REAL.withLoad(() -> new ReplicaLoad(ReplicaLoad.GRACE_FACTOR, v))),
          new Constant(
              "PoolPulse: weight",
              PoolPulse.WEIGHT,
              List.of(1 / 16.0, 1 / 1024.0),
              v -> REAL.withPulse(() -> new PoolPulse(v))),
          new Constant(
              "Reuse: weight",
              Reuse.WEIGHT,
              List.of(1.0, 1 / 64.0),
              v -> REAL.withReuse(n -> new Reuse(n, v, Reuse.PERIOD))),
          new Constant(
              "Reuse: period, uses",
              Reuse.PERIOD,
              List.of(2_048.0, 524_288.0),
              v -> REAL.withReuse(n -> new Reuse(n, Reuse.WEIGHT, (int) v))));

  /**
   * A workload on a fleet at a load.
   *
   * @param traffic for each seed, from 1, as fast as it comes
   */
  record Cell(String name, FleetSpec fleet, List<List<Request>> traffic) {}

  /** Geometric mean of p95 and mean of the hit ratio over the seeds of a cell. */
  private record Outcome(double p95Ms, double hits) {}

  private final List<Cell> cells;
  private final Progress progress;

  Constants(List<Cell> cells, Progress progress) {
    this.cells = cells;
    this.progress = progress;
  }

  /** Measures and prints a table: the real constants in milliseconds, the others in relation. */
  void run(int threads, PrintStream out) throws InterruptedException {
    try (Workers workers = new Workers(threads)) {
      int variants = 1 + ALL.stream().mapToInt(constant -> constant.others().size()).sum();
      progress.expect(variants * cells.size());
      List<Outcome> real = outcomes(workers, REAL);
      out.println("| constant | value | " + String.join(" | ", names()) + " | all |");
      out.println("| --- | --- |" + " --- |".repeat(cells.size() + 1));
      out.println("| as they are: p95, ms; hits | |" + cells(real) + " 1 |");
      for (Constant constant : ALL) {
        for (double other : constant.others()) {
          List<Outcome> outcomes = outcomes(workers, constant.parts().apply(other));
          out.printf(
              Locale.ROOT,
              "| %s | %s, not %s |%s%n",
              constant.name(),
              plain(other),
              plain(constant.real()),
              compared(outcomes, real));
          out.flush();
        }
      }
    }
    progress.end();
  }

  private static String plain(double value) {
    return value < 1
        ? String.format(Locale.ROOT, "%.2g", value)
        : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private List<String> names() {
    return cells.stream().map(Cell::name).toList();
  }

  private static String cells(List<Outcome> outcomes) {
    StringBuilder text = new StringBuilder();
    for (Outcome outcome : outcomes) {
      text.append(String.format(Locale.ROOT, " %.0f; %.3f |", outcome.p95Ms(), outcome.hits()));
    }
    return text.toString();
  }

  private static String compared(List<Outcome> outcomes, List<Outcome> real) {
    StringBuilder text = new StringBuilder();
    double[] ratios = new double[real.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = outcomes.get(i).p95Ms() / real.get(i).p95Ms();
      double hits = outcomes.get(i).hits() - real.get(i).hits();
      text.append(String.format(Locale.ROOT, " %.2f; %+.3f |", ratios[i], hits));
    }
    return text.append(String.format(Locale.ROOT, " %.3f |", GeometricMean.of(ratios))).toString();
  }

  private List<Outcome> outcomes(Workers workers, Parts parts) throws InterruptedException {
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (Cell cell : cells) {
      tasks.add(() -> outcome(cell, parts));
    }
    return workers.all(tasks);
  }

  private Outcome outcome(Cell cell, Parts parts) {
    int seeds = cell.traffic().size();
    double[] p95Ms = new double[seeds];
    double hits = 0;
    for (int i = 0; i < seeds; i++) {
      Results results =
          Simulation.run(cell.fleet(), cell.traffic().get(i), KvLane.factory(parts), i + 1L);
      Summary summary = Summary.of(results, Bars.SLO_MS, 0);
      p95Ms[i] = summary.ttftMs().get(95);
      hits += summary.hitRatio() / seeds;
    }
    progress.ran();
    return new Outcome(GeometricMean.of(p95Ms), hits);
  }
}
