package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Traffic;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * All policies on scenarios that nobody chose. Draw {@code i} is made of the seed {@code i}, from
 * 1, so the list of seeds is fixed.
 *
 * <p>A scenario in which no policy of the panel keeps up at any speed is drawn again. One in which
 * some policy keeps up at every speed has no saturation; its load is then a share of the highest
 * speed that was tried, at which all sessions begin at practically once.
 */
final class RandomDraws {
  private static final int MAX_TRIES = 20;

  private final Policies policies;
  private final List<String> compared;
  private final int requests;
  private final Progress progress;

  RandomDraws(Policies policies, List<String> compared, int requests, Progress progress) {
    this.policies = policies;
    this.compared = compared;
    this.requests = requests;
    this.progress = progress;
  }

  private record Outcome(String scenario, Map<String, Double> p95Ms, List<String> troubles) {}

  /**
   * Runs the draws 1 to {@code count}, and prints each as soon as it and all before it are done.
   */
  void run(int count, int threads, PrintStream out) throws InterruptedException {
    progress.expect(count);
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      int number = i;
      tasks.add(() -> attempt(number));
    }
    List<Map<String, Double>> p95Ms = new ArrayList<>();
    try (Workers workers = new Workers(threads)) {
      workers.all(
          tasks,
          outcome -> {
            p95Ms.add(outcome.p95Ms());
            progress.end();
            out.println(p95Ms.size() + " " + outcome.scenario() + "  " + numbers(outcome.p95Ms()));
            outcome.troubles().forEach(trouble -> out.println("TROUBLE " + trouble));
          });
    }
    progress.end();
    out.println(DrawTotals.of(p95Ms));
    if (compared.size() > 2) {
      for (String rival : compared) {
        double[] ratios =
            p95Ms.stream()
                .mapToDouble(d -> DrawTotals.ratio(d, rival))
                .filter(r -> !Double.isNaN(r))
                .toArray();
        out.printf(Locale.ROOT, "  to %-18s %.3f%n", rival, GeometricMean.of(ratios));
      }
    }
  }

  private static String numbers(Map<String, Double> p95Ms) {
    if (p95Ms.isEmpty()) {
      return "-";
    }
    String best =
        p95Ms.keySet().stream()
            .filter(policy -> !policy.equals(Policies.KVLANE))
            .min(Comparator.comparingDouble(policy -> DrawTotals.p95Ms(p95Ms, policy)))
            .orElse(Policies.KVLANE);
    return String.format(
        Locale.ROOT,
        "p95 %.0f, best %.0f %s, ratio %.3f",
        DrawTotals.p95Ms(p95Ms, Policies.KVLANE),
        DrawTotals.p95Ms(p95Ms, best),
        best,
        DrawTotals.ratio(p95Ms, best));
  }

  /** A draw that cannot be made, or whose saturation cannot be found, does not stop the others. */
  private Outcome attempt(int number) {
    try {
      return draw(number);
    } catch (RuntimeException e) {
      return new Outcome("failed", Map.of(), List.of("draw " + number + ": " + e));
    } finally {
      progress.ran();
    }
  }

  private Outcome draw(int number) {
    SplittableRandom random = new SplittableRandom(number);
    for (int i = 0; i < MAX_TRIES; i++) {
      Draw draw = Draw.next(random, requests);
      FleetSpec fleet = Fleets.of(draw.regions(), draw.replicasPerRegion(), draw.cacheTokens());
      List<Request> traffic =
          Generator.generate(draw.shape(), fleet.engine().blockTokens(), number);
      Saturation saturation = new Saturation(fleet, traffic, Bars.SLO_MS, number, () -> {});
      double speed = saturation.of(Bars.panel(policies));
      if (speed > 0) {
        boolean burst = Double.isInfinite(speed);
        speed = draw.load() * (burst ? saturation.fastest() : speed);
        List<String> troubles = new ArrayList<>();
        Map<String, Double> p95Ms = all(fleet, Traffic.faster(traffic, speed), number, troubles);
        String pace = String.format(Locale.ROOT, " speed %.3g%s", speed, burst ? " (burst)" : "");
        return new Outcome(draw + pace, p95Ms, troubles);
      }
    }
    throw new IllegalStateException("draw " + number + ": nobody keeps up in any scenario");
  }

  private Map<String, Double> all(
      FleetSpec fleet, List<Request> traffic, int number, List<String> troubles) {
    Map<String, Double> p95Ms = new LinkedHashMap<>();
    for (String policy : compared) {
      try {
        Results results = Simulation.run(fleet, traffic, policies.fresh(policy), number);
        p95Ms.put(policy, Summary.of(results, Bars.SLO_MS, 0).ttftMs().get(95));
      } catch (RuntimeException e) {
        p95Ms.put(policy, Double.NaN);
        troubles.add("draw " + number + ", " + policy + ": " + e);
      }
    }
    return p95Ms;
  }
}
