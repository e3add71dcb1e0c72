package io.kvlane.simulator.study;

import io.kvlane.simulator.study.Scenario.TraceFile;
import io.kvlane.simulator.study.Scenario.Workload;
import io.kvlane.simulator.trace.MooncakeTrace;
import io.kvlane.simulator.workload.Shape;
import io.kvlane.simulator.workload.Shape.Kind;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The workloads that the decision is measured on. In three regions, sessions begin there 40:30:30.
 */
final class BarWorkloads {
  /** The recorded one. */
  static final String KIMI = "kimi";

  /** All, the recorded one first. */
  static final List<String> NAMES =
      List.of(KIMI, "chat", "shared", "agent", "rag", "tree", "tenants", "roam");

  private static final double KIMI_ROAMING = 0.05;

  private BarWorkloads() {}

  /**
   * The one of that name.
   *
   * @param requests how many, of a generated one
   * @param trace what {@link #KIMI} needs
   */
  static Workload named(String name, int regions, int requests, @Nullable Path trace) {
    if (!name.equals(KIMI)) {
      return generated(name, regions, requests);
    }
    if (trace == null) {
      throw new IllegalArgumentException(KIMI + ": expected a trace");
    }
    return kimi(trace, regions);
  }

  /** In several regions, one request in twenty comes from another than its session's. */
  private static Workload kimi(Path trace, int regions) {
    TraceFile file = new TraceFile(String.valueOf(trace.getFileName()), trace);
    double roaming = regions > 1 ? KIMI_ROAMING : 0;
    return new Workload.Trace(file, Integer.MAX_VALUE, weights(regions), roaming);
  }

  private static Workload generated(String name, int regions, int n) {
    double[] w = weights(regions);
    double roaming = regions > 1 ? 0.3 : 0;
    double day = regions > 1 ? 600_000 : 0;
    return new Workload.Generated(
        switch (name) {
          // Kind, requests, sessions/s, tenants, skew, system prompts, skew, their length, user's
          // and answer's length, turns, think, documents, their length, per prompt, spread,
          // regions, roaming, day.
          case "chat" ->
              new Shape(
                  Kind.CHAT, n, 1, 1, 0, 64, 1, 2000, 600, 300, 5, 5000, 0, 0, 0, 0.8, w, 0, 0);
          case "shared" ->
              new Shape(
                  Kind.SHARED, n, 5, 1, 0, 200, 1, 8000, 1500, 200, 1, 0, 0, 0, 0, 0.8, w, 0, 0);
          case "agent" ->
              new Shape(
                  Kind.AGENT, n, 1, 1, 0, 16, 1, 6000, 800, 150, 12, 1000, 0, 0, 0, 0.8, w, 0, 0);
          case "rag" ->
              new Shape(
                  Kind.RAG, n, 5, 1, 0, 8, 1, 1000, 200, 250, 1, 0, 400, 3000, 3, 0.5, w, 0, 0);
          case "tree" ->
              new Shape(
                  Kind.TREE, n, 1, 1, 0, 8, 1, 3000, 800, 250, 4, 1000, 0, 0, 4, 0.6, w, 0, 0);
          case "tenants" ->
              new Shape(
                  Kind.CHAT, n, 1, 50, 1.1, 4, 1, 4000, 800, 300, 4, 5000, 0, 0, 0, 1, w, 0, 0);
          case "roam" ->
              new Shape(
                  Kind.CHAT, n, 1, 1, 0, 64, 1, 3000, 1500, 300, 5, 5000, 0, 0, 0, 0.8, w, roaming,
                  day);
          default -> throw new IllegalArgumentException("workload: " + name);
        });
  }

  private static double[] weights(int regions) {
    return regions == 3 ? new double[] {40, 30, 30} : new double[] {1};
  }

  /** Tokens a block of all of them. */
  static int blockTokens() {
    return MooncakeTrace.BLOCK_TOKENS;
  }
}
