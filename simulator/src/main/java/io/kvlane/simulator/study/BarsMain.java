package io.kvlane.simulator.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.study.Scenario.Workload;
import io.kvlane.simulator.workload.Traffic;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code decision}: the studies that the decision is judged by. */
@Command(
    name = "decision",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Measures KVLane's decision against its rivals on simulated fleets: a grid of workloads,",
      "fleets, cache sizes and loads; or one of the studies that options name."
    })
public final class BarsMain implements Callable<Integer> {
  private static final String ALL = "all";
  private static final List<Double> LOADS = List.of(0.5, 0.8, 0.95);
  private static final double LOSS_LOAD = 0.8;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--draws",
      paramLabel = "N",
      description = "Instead of the grid: N scenarios drawn at random, always the same.")
  private int draws;

  @Option(
      names = "--region-loss",
      description =
          "Instead of the grid: a region is lost and comes back; first workload that"
              + " --workload names, first size of --cache.")
  private boolean regionLoss;

  @Option(
      names = "--constants",
      description =
          "Instead of the grid: other constants in what feeds the decision; first fleet, first"
              + " size of --cache, loads 0.8 and 0.95 unless given.")
  private boolean constants;

  @Option(names = "--million", description = "Instead of the grid: the simulator's own speed.")
  private boolean million;

  @Option(names = "--trace", paramLabel = "FILE", description = "The Kimi trace.")
  private @Nullable Path trace;

  @Option(names = "--fleet", split = ",", paramLabel = "FLEET", description = "1x8, 3x4 or all.")
  private List<String> fleets = List.of(ALL);

  @Option(names = "--cache", split = ",", paramLabel = "TOKENS", description = "Of a replica.")
  private List<Integer> caches = List.of(400_000, 1_000_000, 3_000_000);

  @Option(
      names = "--load",
      split = ",",
      paramLabel = "SHARE",
      description = "Of saturation; unless given, 0.5,0.8,0.95, and 0.8 for a region's loss.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<Double> loads = List.of();

  @Option(names = "--workload", split = ",", paramLabel = "NAME", description = "All by default.")
  private List<String> workloads = List.of();

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "NAME",
      description = "Rivals; all by default. KVLane always runs.")
  private List<String> rivals = List.of();

  @Option(
      names = "--requests",
      paramLabel = "N",
      description =
          "Of a generated workload; unless given, 30000, 3000 of a draw, 60000 for a"
              + " region's loss, 1000000 for --million.")
  private int requests;

  @Option(names = "--seeds", defaultValue = "1", paramLabel = "N", description = "Seeds 1 to N.")
  private int seeds = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Simulations at the same time; one per core unless given.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write the grid's rows (CSV) and cells (Markdown) there.")
  private @Nullable Path folder;

  private final Policies policies;
  private final PrintStream out;
  private final Progress progress;

  private BarsMain(Policies policies, PrintStream out, Progress progress) {
    this.policies = policies;
    this.out = out;
    this.progress = progress;
  }

  public static void main(String[] arguments) {
    Progress progress = Progress.onStandardError();
    System.exit(run(Policies.ALL, System.out, System.err, progress, arguments));
  }

  /** Runs the command and returns its exit status. */
  static int run(
      Policies policies, PrintStream out, PrintStream err, Progress progress, String... arguments) {
    return new CommandLine(new BarsMain(policies, out, progress))
        .setOut(new PrintWriter(out, true, UTF_8))
        .setErr(new PrintWriter(err, true, UTF_8))
        .execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException, IOException, ScenarioException {
    check();
    if (million) {
      Million.run(requests(1_000_000), out);
    } else if (draws > 0) {
      new RandomDraws(policies, compared(Policies.KVLANE), requests(3000), progress)
          .run(draws, threads, out);
    } else if (regionLoss) {
      FleetSpec fleet = Fleets.of(3, 4, caches.getFirst());
      String name = workloads.isEmpty() ? "chat" : workloads.getFirst();
      Workload workload = BarWorkloads.named(name, 3, requests(60_000), trace);
      List<Request> traffic = Source.open(workload, BarWorkloads.blockTokens()).requests(1);
      new RegionLoss(policies, loads.isEmpty() ? LOSS_LOAD : loads.getFirst(), progress)
          .run(fleet, traffic, compared(Policies.KVLANE, Policies.UNGUARDED), threads, out);
    } else if (constants) {
      constants();
    } else {
      grid();
    }
    return 0;
  }

  private void grid() throws InterruptedException, IOException {
    if (folder != null) {
      // Before the work: a folder that cannot be made should not cost hours.
      Files.createDirectories(folder);
    }
    Bars bars = new Bars(policies, threads, progress, out);
    bars.run(
        new Bars.Grid(
            fleets(),
            caches,
            loads.isEmpty() ? LOADS : loads,
            workloads.isEmpty() ? BarWorkloads.NAMES : workloads,
            compared(Policies.KVLANE),
            trace,
            requests(30_000),
            ScenarioFile.count(seeds)));
    if (folder != null) {
      bars.write(folder);
    }
  }

  /** With the first size of the cache. */
  private List<FleetSpec> fleets() {
    List<FleetSpec> measured = new ArrayList<>();
    if (fleets.contains(ALL) || fleets.contains("1x8")) {
      measured.add(Fleets.of(1, 8, caches.getFirst()));
    }
    if (fleets.contains(ALL) || fleets.contains("3x4")) {
      measured.add(Fleets.of(3, 4, caches.getFirst()));
    }
    return measured;
  }

  private void constants() throws InterruptedException, ScenarioException {
    FleetSpec fleet = fleets().getFirst();
    List<Constants.Cell> cells = new ArrayList<>();
    for (String name : workloads.isEmpty() ? BarWorkloads.NAMES : workloads) {
      if (name.equals(BarWorkloads.KIMI) && trace == null) {
        out.println("kimi: left out, there is no trace (--trace FILE)");
        continue;
      }
      int regions = fleet.regions().size();
      Source source =
          Source.open(
              BarWorkloads.named(name, regions, requests(20_000), trace),
              BarWorkloads.blockTokens());
      double saturation =
          new Saturation(fleet, source.requests(1), Bars.SLO_MS, 1, () -> {})
              .of(Bars.panel(policies));
      if (saturation == 0 || Double.isInfinite(saturation)) {
        out.println(name + ": left out, there is no saturation");
        continue;
      }
      for (double load : loads.isEmpty() ? List.of(0.8, 0.95) : loads) {
        List<List<Request>> traffic = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
          traffic.add(Traffic.faster(source.requests(seed), load * saturation));
        }
        cells.add(
            new Constants.Cell(String.format(Locale.ROOT, "%s %.2f", name, load), fleet, traffic));
      }
    }
    new Constants(cells, progress).run(threads, out);
  }

  private int requests(int unlessGiven) {
    return requests > 0 ? requests : unlessGiven;
  }

  /** Behind KVLane. */
  private List<String> compared(String... kvlane) {
    Set<String> names = new LinkedHashSet<>(List.of(kvlane));
    names.addAll(rivals.isEmpty() ? policies.names() : rivals);
    return List.copyOf(names);
  }

  private void check() {
    oneOf("--fleet", fleets, List.of("1x8", "3x4", ALL));
    oneOf("--workload", workloads, BarWorkloads.NAMES);
    oneOf("--policy", rivals, policies.names());
    range("--threads", threads, 1, 1024);
    range("--seeds", seeds, 1, 1000);
    range("--draws", draws, 0, 10_000);
    range("--requests", requests, 0, 10_000_000);
    for (int cache : caches) {
      range("--cache", cache, BarWorkloads.blockTokens(), Integer.MAX_VALUE);
    }
    for (double load : loads) {
      range("--load", load, 0.01, 10);
    }
    if (trace != null && !Files.isRegularFile(trace)) {
      throw wrong("--trace: " + trace + ": no such file");
    }
    if (regionLoss && trace == null && workloads.contains(BarWorkloads.KIMI)) {
      throw wrong("--region-loss: kimi needs --trace FILE");
    }
  }

  private void oneOf(String option, List<String> given, List<String> known) {
    for (String name : given) {
      if (!known.contains(name)) {
        throw wrong(option + ": " + name + " (expected: some of " + String.join(", ", known) + ")");
      }
    }
  }

  private void range(String option, double given, double low, double high) {
    if (!(given >= low && given <= high)) {
      throw wrong(option + ": " + given + " (expected: " + low + " to " + high + ")");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(
        spec == null ? new CommandLine(this) : spec.commandLine(), message);
  }
}
