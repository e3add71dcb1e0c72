package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.workload.Shape;
import java.nio.file.Path;
import java.util.List;

/**
 * What a study runs: each cache size at each load with each policy and each seed.
 *
 * @param name of the scenario, for reports
 * @param fleet what is simulated; its cache size is replaced by {@code cacheTokens}
 * @param workload where the requests come from
 * @param load how fast they come
 * @param cacheTokens sizes of a replica's cache, at least one
 * @param policies names of the policies that are compared, at least one
 * @param panel names of the policies that define saturation, at least one
 * @param seeds of the workload and of the policies, at least one
 * @param sloMs objective for the time to first token, milliseconds
 * @param warmUp share of the first requests that no metric counts, 0 to 0.9
 */
public record Scenario(
    String name,
    FleetSpec fleet,
    Workload workload,
    Load load,
    List<Integer> cacheTokens,
    List<String> policies,
    List<String> panel,
    List<Integer> seeds,
    double sloMs,
    double warmUp) {

  /** Where requests come from. */
  public sealed interface Workload {
    /** Generated requests. */
    record Generated(Shape shape) implements Workload {}

    /**
     * A trace in the Mooncake format.
     *
     * @param requests how many of its first are taken
     * @param regionWeights share of the sessions by region
     * @param roaming probability that a request comes from another region than its session's
     */
    record Trace(TraceFile file, int requests, double[] regionWeights, double roaming)
        implements Workload {}

    /**
     * Arrivals and lengths of an Azure trace, prefixes by a shape's tenants and system prompts.
     *
     * @param shape of which tenants, system prompts, region weights and the number of requests
     *     count
     */
    record Azure(TraceFile file, Shape shape) implements Workload {}
  }

  /**
   * A trace's file.
   *
   * @param written as the user wrote it, for reports
   * @param path where it is
   */
  public record TraceFile(String written, Path path) {}

  /** How fast requests come. */
  public sealed interface Load {
    List<Double> values();

    /** Times as fast as the workload says. */
    record Speed(List<Double> values) implements Load {
      public Speed {
        values = List.copyOf(values);
      }
    }

    /** As a share of {@link Saturation}. */
    record OfSaturation(List<Double> values) implements Load {
      public OfSaturation {
        values = List.copyOf(values);
      }
    }
  }

  public Scenario {
    cacheTokens = List.copyOf(cacheTokens);
    policies = List.copyOf(policies);
    panel = List.copyOf(panel);
    seeds = List.copyOf(seeds);
    if (cacheTokens.isEmpty() || policies.isEmpty() || panel.isEmpty() || seeds.isEmpty()) {
      throw new IllegalArgumentException(
          "cache sizes, policies, panel and seeds: expected at least one each");
    }
  }

  /** The same with other policies to compare; saturation stays as it is. */
  public Scenario withPolicies(List<String> others) {
    return new Scenario(
        name, fleet, workload, load, cacheTokens, others, panel, seeds, sloMs, warmUp);
  }

  /** The same with other seeds. */
  public Scenario withSeeds(List<Integer> others) {
    return new Scenario(
        name, fleet, workload, load, cacheTokens, policies, panel, others, sloMs, warmUp);
  }

  /** Number of simulations, those that saturation needs not counted. */
  public long runs() {
    return (long) cacheTokens.size() * load.values().size() * policies.size() * seeds.size();
  }
}
