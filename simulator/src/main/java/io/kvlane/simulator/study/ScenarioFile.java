package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.study.Scenario.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads scenario files. {@code simulator/scenarios/reference.yaml} describes every key, its range
 * and its default.
 */
public final class ScenarioFile {
  private static final int MAX_SEEDS = 1000;
  private static final long MAX_RUNS = 100_000;

  private final List<String> policies;
  private final @Nullable Path trace;
  private final Set<String> asked = new LinkedHashSet<>();

  /**
   * @param policies names that a scenario may use
   * @param trace a trace's file in place of the one that the scenario names
   */
  public ScenarioFile(List<String> policies, @Nullable Path trace) {
    this.policies = List.copyOf(policies);
    this.trace = trace;
  }

  /** Loads a file. */
  public Scenario load(Path file) throws ScenarioException {
    String yaml;
    try {
      yaml = Files.readString(file);
    } catch (IOException e) {
      throw new ScenarioException(file + ": cannot be read (expected: a YAML file in UTF-8)");
    }
    return parse(file.toString(), yaml, file.toAbsolutePath().resolveSibling(""));
  }

  /**
   * Reads YAML text.
   *
   * @param source its name, for messages
   * @param folder what a trace's path is relative to
   */
  public Scenario parse(String source, String yaml, Path folder) throws ScenarioException {
    Section root = new Section(source, "", new YamlReader(source).read(yaml), asked);
    FleetSpec fleet = FleetSection.read(root.section("fleet"));
    Workload workload =
        new WorkloadSection(root.section("workload"), fleet.regions().size(), folder, trace)
            .read(fleet.engine().blockTokens());
    List<String> compared = names(root, "policies", policies);
    Scenario scenario =
        new Scenario(
            root.text("name"),
            fleet,
            workload,
            load(root),
            caches(root, fleet),
            compared,
            names(root, "panel", compared),
            seeds(root),
            root.number("sloMs", 5000, 1, 1e9),
            root.number("warmUp", 0, 0, 0.9));
    root.done();
    if (scenario.runs() > MAX_RUNS) {
      throw new ScenarioException(
          source + ": " + scenario.runs() + " runs (expected: at most " + MAX_RUNS + ")");
    }
    return scenario;
  }

  /** The keys that the files read so far could have had. */
  Set<String> asked() {
    return asked;
  }

  private static Load load(Section root) throws ScenarioException {
    boolean shares = root.has("load");
    if (shares && root.has("speed")) {
      throw root.wrong("load", "one too many", "load or speed");
    }
    if (shares) {
      return new Load.OfSaturation(root.numbers("load", 0.01, 10));
    }
    List<Double> speeds = root.numbers("speed", 1e-6, 1e6);
    return new Load.Speed(speeds.isEmpty() ? List.of(1.0) : speeds);
  }

  private static List<Integer> caches(Section root, FleetSpec fleet) throws ScenarioException {
    List<Integer> given = root.integers("cacheTokens", fleet.engine().blockTokens(), 2_000_000_000);
    return given.isEmpty() ? List.of(fleet.engine().cacheTokens()) : given;
  }

  private List<String> names(Section root, String key, List<String> fallback)
      throws ScenarioException {
    List<String> given = root.texts(key);
    for (String name : given) {
      if (!policies.contains(name)) {
        throw root.wrong(key, '"' + name + '"', "one of " + String.join(", ", policies));
      }
    }
    return given.isEmpty() ? fallback : given;
  }

  private static List<Integer> seeds(Section root) throws ScenarioException {
    if (root.isList("seeds")) {
      return root.integers("seeds", 0, Integer.MAX_VALUE);
    }
    return count(root.integer("seeds", 1, 1, MAX_SEEDS));
  }

  /** The seeds 1 to {@code n}. */
  static List<Integer> count(int n) {
    return IntStream.rangeClosed(1, n).boxed().toList();
  }
}
