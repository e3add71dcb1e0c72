package io.kvlane.simulator.study;

import io.kvlane.simulator.study.Scenario.TraceFile;
import io.kvlane.simulator.study.Scenario.Workload;
import io.kvlane.simulator.workload.Shape;
import io.kvlane.simulator.workload.Traffic;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what a scenario file says about the workload. */
final class WorkloadSection {
  private static final int MAX_REQUESTS = 1_000_000;

  private final Section section;
  private final int regions;
  private final Path folder;
  private final @Nullable Path override;

  /**
   * @param folder what a trace's path is relative to
   * @param override a trace's file in place of the one named
   */
  WorkloadSection(Section section, int regions, Path folder, @Nullable Path override) {
    this.section = section;
    this.regions = regions;
    this.folder = folder;
    this.override = override;
  }

  Workload read(int blockTokens) throws ScenarioException {
    List<String> given = Stream.of("generate", "trace", "azure").filter(section::has).toList();
    section.done();
    if (given.size() != 1) {
      throw section.wrong(
          given.size() > 1 ? given.get(1) : "generate",
          given.isEmpty() ? "missing" : "one too many",
          "exactly one of generate, trace, azure");
    }
    Section source = section.section(given.getFirst());
    Workload workload =
        switch (given.getFirst()) {
          case "trace" -> trace(source, blockTokens);
          case "azure" ->
              new Workload.Azure(
                  file(source, "an Azure trace (CSV)"), shape(source, Shape.Kind.SHARED, false));
          default -> generated(source);
        };
    source.done();
    return workload;
  }

  private Workload generated(Section source) throws ScenarioException {
    if (override != null) {
      throw new ScenarioException(
          "--trace: the scenario generates its requests (expected: one with trace or azure)");
    }
    return new Workload.Generated(shape(source, source.constant("kind", Shape.Kind.CHAT), true));
  }

  private Workload trace(Section source, int blockTokens) throws ScenarioException {
    if (blockTokens != Traffic.blockTokens()) {
      throw section.wrong(
          "trace",
          "fleet.engine.blockTokens is " + blockTokens,
          Traffic.blockTokens() + ", the trace's own");
    }
    return new Workload.Trace(
        file(source, "a trace in the Mooncake format"),
        source.integer("requests", MAX_REQUESTS, 1, MAX_REQUESTS),
        weights(source),
        source.number("roaming", 0, 0, 1));
  }

  private TraceFile file(Section source, String format) throws ScenarioException {
    String written = source.text("file");
    if (override != null) {
      if (!Files.isRegularFile(override)) {
        throw new ScenarioException(
            "--trace: " + override + ": no such file (expected: " + format + ")");
      }
      return new TraceFile(override.toString(), override);
    }
    Path path;
    try {
      path = folder.resolve(written);
    } catch (InvalidPathException e) {
      throw source.wrong("file", '"' + written + '"', "a path");
    }
    if (!Files.isRegularFile(path)) {
      throw source.wrong(
          "file",
          '"' + written + "\": no such file",
          format + ", relative to the scenario; --trace FILE names another");
    }
    return new TraceFile(written, path);
  }

  private double[] weights(Section source) throws ScenarioException {
    List<Double> given = source.numbers("regionWeights", 0, 1e6);
    double[] weights = new double[regions];
    Arrays.fill(weights, 1);
    if (!given.isEmpty()) {
      if (given.size() != regions || given.stream().mapToDouble(w -> w).sum() <= 0) {
        throw source.wrong(
            "regionWeights", given.toString(), "one for each of the regions, not all 0");
      }
      Arrays.setAll(weights, given::get);
    }
    return weights;
  }

  /** What lengths and arrivals are made of is only asked for if they are generated. */
  private Shape shape(Section source, Shape.Kind kind, boolean all) throws ScenarioException {
    return new Shape(
        kind,
        source.integer("requests", all ? 2000 : MAX_REQUESTS, 1, MAX_REQUESTS),
        all ? source.number("sessionsPerSecond", 1, 1e-6, 1e6) : 1,
        source.integer("tenants", 1, 1, 65_535),
        source.number("tenantSkew", 0, 0, 10),
        source.integer("systemPrompts", 8, 1, 1_000_000),
        source.number("systemSkew", 1, 0, 10),
        source.integer("systemTokens", 1024, 1, 100_000),
        all ? source.integer("userTokens", 200, 1, 100_000) : 1,
        all ? source.integer("outputTokens", 200, 1, 10_000) : 1,
        all ? source.number("turns", 6, 1, 1000) : 1,
        all ? source.number("thinkMs", 10_000, 0, 1e9) : 0,
        all ? source.integer("documents", 200, 1, 1_000_000) : 1,
        all ? source.integer("documentTokens", 1000, 1, 100_000) : 1,
        all ? source.integer("perPrompt", 4, 1, 64) : 1,
        source.number("spread", 0.5, 0, 3),
        weights(source),
        all ? source.number("roaming", 0, 0, 1) : 0,
        source.number("dayMs", 0, 0, 1e9));
  }
}
