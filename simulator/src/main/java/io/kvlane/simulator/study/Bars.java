package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.study.Scenario.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * KVLane against all its rivals over a grid of workloads, fleets, cache sizes and loads. Loads are
 * shares of the {@link Saturation} of each workload, fleet and cache size.
 */
final class Bars {
  /**
   * Who defines saturation: KVLane, and one rival each of those that weigh load and cache, that go
   * for the cache, and that mix both by scores. Whoever else answers more does so in cells that are
   * then called a little less loaded than they are.
   */
  static final List<String> PANEL = List.of(Policies.KVLANE, "lmetric", "longest-prefix", "llm-d");

  /** Objective for the time to first token. */
  static final double SLO_MS = 5000;

  /** How evenly work is spread is measured at this load and this cache size. */
  static final double EVEN_LOAD = 0.8;

  static final int EVEN_CACHE_TOKENS = 3_000_000;

  /**
   * What is measured.
   *
   * @param fleets of one or three regions
   * @param trace of Kimi; without it that workload is left out
   * @param requests of a generated workload
   */
  record Grid(
      List<FleetSpec> fleets,
      List<Integer> cacheTokens,
      List<Double> loads,
      List<String> workloads,
      List<String> policies,
      @Nullable Path trace,
      int requests,
      List<Integer> seeds) {}

  private final Policies policies;
  private final int threads;
  private final Progress progress;
  private final PrintStream out;
  private final List<Row> rows = new ArrayList<>();
  private final List<BarCell> cells = new ArrayList<>();
  private final List<Evenness> evenness = new ArrayList<>();
  private final List<String> troubles = Collections.synchronizedList(new ArrayList<>());

  Bars(Policies policies, int threads, Progress progress, PrintStream out) {
    this.policies = policies;
    this.threads = threads;
    this.progress = progress;
    this.out = out;
  }

  /** Those of the panel that there are. */
  static List<Supplier<RoutingPolicy.Factory>> panel(Policies policies) {
    List<Supplier<RoutingPolicy.Factory>> panel = new ArrayList<>();
    PANEL.stream()
        .filter(policies.names()::contains)
        .forEach(name -> panel.add(() -> policies.fresh(name)));
    return panel;
  }

  /** Measures the grid and prints cell by cell, then the totals. */
  void run(Grid grid) throws InterruptedException {
    List<Scenario> scenarios = scenarios(grid);
    scenarios.forEach(scenario -> progress.expect((int) scenario.runs()));
    for (Scenario scenario : scenarios) {
      // The study expects them again.
      progress.expect((int) -scenario.runs());
      try {
        measure(scenario);
      } catch (ScenarioException e) {
        trouble(String.valueOf(e.getMessage()));
      }
    }
    progress.end();
    out.println(BarTotals.of(cells));
    if (!evenness.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "at load %.2f, cache %d: max/mean uncached at most %.3f, hits at least %.3f of one pooled"
              + " cache%n",
          EVEN_LOAD,
          EVEN_CACHE_TOKENS,
          evenness.stream().mapToDouble(Evenness::imbalance).max().orElse(Double.NaN),
          evenness.stream().mapToDouble(Evenness::share).min().orElse(Double.NaN));
    }
    if (!troubles.isEmpty()) {
      out.println("not measured: " + troubles.size() + ", see above");
    }
  }

  private List<Scenario> scenarios(Grid grid) {
    List<Scenario> scenarios = new ArrayList<>();
    for (String name : grid.workloads()) {
      if (name.equals(BarWorkloads.KIMI) && grid.trace() == null) {
        trouble("kimi: skipped, there is no trace (--trace FILE)");
        continue;
      }
      for (FleetSpec fleet : grid.fleets()) {
        int regions = fleet.regions().size();
        Workload workload = BarWorkloads.named(name, regions, grid.requests(), grid.trace());
        scenarios.add(
            new Scenario(
                name,
                fleet,
                workload,
                new Load.OfSaturation(grid.loads()),
                grid.cacheTokens(),
                grid.policies(),
                PANEL.stream().filter(policies.names()::contains).toList(),
                grid.seeds(),
                SLO_MS,
                0));
      }
    }
    return scenarios;
  }

  private void measure(Scenario scenario) throws ScenarioException, InterruptedException {
    List<Row> measured = new Study(policies, threads, progress, this::trouble).run(scenario);
    progress.end();
    rows.addAll(measured);
    for (BarCell cell : BarCell.of(measured)) {
      cells.add(cell);
      out.println(BarReport.line(cell));
    }
    Source source = Source.open(scenario.workload(), BarWorkloads.blockTokens());
    for (Row row : measured) {
      if (row.policy().equals(Policies.KVLANE)
          && row.load() == EVEN_LOAD
          && row.cacheTokens() == EVEN_CACHE_TOKENS) {
        evenness.add(Evenness.of(row, scenario.fleet(), source, scenario.seeds()));
        out.println(evenness.getLast());
      }
    }
    out.flush();
  }

  private void trouble(String what) {
    troubles.add(what);
    synchronized (out) {
      out.println("TROUBLE " + what);
    }
  }

  /** Writes every row as CSV and the cells as a Markdown table. */
  void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("rows.csv"), CsvWriter.of(rows));
    Files.writeString(
        folder.resolve("cells.md"),
        BarReport.markdown(cells, evenness, troubles.stream().sorted().toList()));
  }
}
