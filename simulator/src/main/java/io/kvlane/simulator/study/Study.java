package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.workload.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario's grid: each cache size, load, policy and seed. Runs are spread over threads; the
 * rows come in the order of the scenario and do not depend on the number of threads.
 */
public final class Study {
  private final Policies policies;
  private final int threads;
  private final Progress progress;
  private final @Nullable Consumer<String> troubles;

  /**
   * @param threads simulations at the same time, at least 1
   */
  public Study(Policies policies, int threads) {
    this(policies, threads, Progress.NONE, null);
  }

  /**
   * @param troubles is told of each run that failed and each cache size without saturation, which
   *     then have no results; if null, they end the study
   */
  Study(Policies policies, int threads, Progress progress, @Nullable Consumer<String> troubles) {
    this.policies = policies;
    this.threads = threads;
    this.progress = progress;
    this.troubles = troubles;
  }

  /** A share of saturation, or NaN, and the speed that this means. */
  private record Pace(double load, double speed) {}

  /**
   * Runs it.
   *
   * @throws ScenarioException if a trace cannot be read, or no policy of the panel keeps up
   */
  public List<Row> run(Scenario scenario) throws ScenarioException, InterruptedException {
    Source source = Source.open(scenario.workload(), scenario.fleet().engine().blockTokens());
    progress.expect((int) scenario.runs());
    try (Workers workers = new Workers(threads)) {
      List<List<Pace>> paces = paces(scenario, source, workers);
      List<Row> cells = new ArrayList<>();
      List<Callable<Optional<Summary>>> runs = new ArrayList<>();
      for (int i = 0; i < scenario.cacheTokens().size(); i++) {
        int cacheTokens = scenario.cacheTokens().get(i);
        FleetSpec fleet = Fleets.withCache(scenario.fleet(), cacheTokens);
        for (Pace pace : paces.get(i)) {
          for (String policy : scenario.policies()) {
            cells.add(
                new Row(
                    scenario.name(),
                    Fleets.describe(fleet),
                    cacheTokens,
                    pace.load(),
                    pace.speed(),
                    policy,
                    List.of()));
            for (int seed : scenario.seeds()) {
              Row cell = cells.getLast();
              runs.add(() -> summary(scenario, fleet, source, cell, seed));
            }
          }
        }
      }
      return rows(cells, workers.all(runs));
    }
  }

  private static List<Row> rows(List<Row> cells, List<Optional<Summary>> summaries) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      int seeds = summaries.size() / cells.size();
      Row c = cells.get(i);
      rows.add(
          new Row(
              c.scenario(),
              c.fleet(),
              c.cacheTokens(),
              c.load(),
              c.speed(),
              c.policy(),
              summaries.subList(i * seeds, (i + 1) * seeds).stream()
                  .flatMap(Optional::stream)
                  .toList()));
    }
    return rows;
  }

  /** A run's numbers, or none if it failed. */
  private Optional<Summary> summary(
      Scenario scenario, FleetSpec fleet, Source source, Row cell, int seed) {
    try {
      List<Request> requests = Traffic.faster(source.requests(seed), cell.speed());
      Results results = Simulation.run(fleet, requests, policies.fresh(cell.policy()), seed);
      return Optional.of(Summary.of(results, scenario.sloMs(), scenario.warmUp()));
    } catch (RuntimeException e) {
      if (troubles == null) {
        throw e;
      }
      troubles.accept(
          String.format(
              Locale.ROOT,
              "%s %s: cache %d, speed %.4g, %s, seed %d: %s",
              cell.scenario(),
              cell.fleet(),
              cell.cacheTokens(),
              cell.speed(),
              cell.policy(),
              seed,
              e));
      return Optional.empty();
    } finally {
      progress.ran();
    }
  }

  /** For each cache size, the paces of the requests. */
  private List<List<Pace>> paces(Scenario scenario, Source source, Workers workers)
      throws ScenarioException, InterruptedException {
    List<List<Pace>> paces = new ArrayList<>();
    switch (scenario.load()) {
      case Load.Speed speeds -> {
        List<Pace> same = speeds.values().stream().map(s -> new Pace(Double.NaN, s)).toList();
        scenario.cacheTokens().forEach(c -> paces.add(same));
      }
      case Load.OfSaturation shares -> {
        List<Callable<Double>> searches = new ArrayList<>();
        for (int cacheTokens : scenario.cacheTokens()) {
          FleetSpec fleet = Fleets.withCache(scenario.fleet(), cacheTokens);
          searches.add(() -> search(scenario, fleet, source));
        }
        List<Double> found = workers.all(searches);
        for (int i = 0; i < found.size(); i++) {
          double saturation = found.get(i);
          if (saturation > 0 && Double.isFinite(saturation)) {
            paces.add(shares.values().stream().map(s -> new Pace(s, s * saturation)).toList());
          } else {
            if (!Double.isNaN(saturation)) {
              unsaturated(scenario, scenario.cacheTokens().get(i), saturation);
            }
            paces.add(List.of());
          }
        }
      }
    }
    return paces;
  }

  private void unsaturated(Scenario scenario, int cacheTokens, double saturation)
      throws ScenarioException {
    String reason =
        saturation > 0
            ? "a policy keeps up at every speed (too few requests for a queue)"
            : "no policy of the panel keeps up at any speed (prompts too long for the cache or for"
                + " the objective)";
    String message =
        scenario.name()
            + ' '
            + Fleets.describe(scenario.fleet())
            + ": load: with "
            + cacheTokens
            + " cache tokens there is no saturation: "
            + reason;
    if (troubles == null) {
      throw new ScenarioException(message + " (expected: speed instead of load)");
    }
    troubles.accept(message);
  }

  /** NaN if the search failed. */
  private double search(Scenario scenario, FleetSpec fleet, Source source) {
    try {
      return saturation(scenario, fleet, source);
    } catch (RuntimeException e) {
      if (troubles == null) {
        throw e;
      }
      troubles.accept(
          String.format(
              Locale.ROOT,
              "%s %s: cache %d: the search for saturation failed: %s",
              scenario.name(),
              Fleets.describe(fleet),
              fleet.engine().cacheTokens(),
              e));
      return Double.NaN;
    }
  }

  private double saturation(Scenario scenario, FleetSpec fleet, Source source) {
    int seed = scenario.seeds().getFirst();
    int most = scenario.panel().size() * Saturation.MAX_RUNS;
    int[] ran = {0};
    progress.expect(most);
    List<Supplier<RoutingPolicy.Factory>> panel = new ArrayList<>();
    scenario.panel().forEach(name -> panel.add(() -> policies.fresh(name)));
    double found =
        new Saturation(
                fleet,
                source.requests(seed),
                scenario.sloMs(),
                seed,
                () -> {
                  ran[0]++;
                  progress.ran();
                })
            .of(panel);
    progress.expect(ran[0] - most);
    return found;
  }
}
