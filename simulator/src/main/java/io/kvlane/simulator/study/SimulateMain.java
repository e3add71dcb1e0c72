package io.kvlane.simulator.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code simulate}: runs a scenario file and reports. Exit status 2 if the command line or the
 * scenario is wrong, 1 if something else goes wrong.
 */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Compares routing policies on a simulated fleet, under virtual time.")
public final class SimulateMain implements Callable<Integer> {
  private enum Format {
    text,
    csv,
    json
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "SCENARIO.yaml",
      description = "What to simulate; simulator/scenarios/reference.yaml describes every key.")
  private Path scenario = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write the table, CSV, JSON and plots there.")
  private @Nullable Path folder;

  @Option(
      names = "--policy",
      arity = "1..*",
      paramLabel = "NAME",
      description = "Compare these instead of the scenario's.")
  private List<String> names = List.of();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Use the seeds 1 to N instead of the scenario's.")
  private @Nullable Integer seeds;

  @Option(names = "--trace", paramLabel = "FILE", description = "Instead of the scenario's trace.")
  private @Nullable Path trace;

  @Option(names = "--format", defaultValue = "text", description = "text, csv or json.")
  private Format format = Format.text;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Simulations at the same time; one per core unless given.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private int threads = Runtime.getRuntime().availableProcessors();

  private final Policies policies;
  private final PrintStream out;
  private final Progress progress;

  private SimulateMain(Policies policies, PrintStream out, Progress progress) {
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
    CommandLine line = new CommandLine(new SimulateMain(policies, out, progress));
    return line.setOut(new PrintWriter(out, true, UTF_8))
        .setErr(new PrintWriter(err, true, UTF_8))
        .setExecutionExceptionHandler(
            (error, command, parsed) -> {
              command.getErr().println("simulate: " + message(error));
              return error instanceof ScenarioException ? 2 : 1;
            })
        .execute(arguments);
  }

  private static String message(Exception error) {
    return error instanceof ScenarioException ? String.valueOf(error.getMessage()) : "" + error;
  }

  @Override
  public Integer call() throws ScenarioException, InterruptedException, IOException {
    require(threads >= 1 && threads <= 1024, "--threads: expected 1 to 1024");
    require(seeds == null || (seeds >= 1 && seeds <= 1000), "--seeds: expected 1 to 1000");
    for (String name : names) {
      require(
          policies.names().contains(name),
          "--policy: " + name + " (expected: some of " + String.join(", ", policies.names()) + ")");
    }
    Scenario loaded = new ScenarioFile(policies.names(), trace).load(scenario);
    if (!names.isEmpty()) {
      loaded = loaded.withPolicies(List.copyOf(new LinkedHashSet<>(names)));
    }
    if (seeds != null) {
      loaded = loaded.withSeeds(ScenarioFile.count(seeds));
    }
    if (folder != null) {
      // Before the work: a folder that cannot be made should not cost hours.
      Files.createDirectories(folder);
    }
    List<Row> rows;
    try {
      rows = new Study(policies, threads, progress, null).run(loaded);
    } finally {
      progress.end();
    }
    Map<String, String> files = new LinkedHashMap<>();
    files.put("table.txt", TextTable.of(loaded, rows));
    files.put("rows.csv", CsvWriter.of(rows));
    files.put("study.json", JsonReport.of(loaded, rows));
    out.print(
        switch (format) {
          case text -> files.get("table.txt");
          case csv -> files.get("rows.csv");
          case json -> files.get("study.json");
        });
    out.flush();
    if (folder != null) {
      files.putAll(Plots.of(loaded, rows));
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue());
      }
    }
    return 0;
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
      throw new ParameterException(line, message);
    }
  }
}
