package io.kvlane.simulator.fleet;

import static io.kvlane.simulator.fleet.Request.NOTHING;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;

/**
 * Fleets for worked examples. Blocks of 10 tokens, 1 ms a prefilled token, 10 ms a step with
 * decodes; 2 ms between a router and its replicas and 100, 200 and 240 ms between regions, there
 * and back.
 */
final class Worked {
  static final Offset<Double> EXACT = within(1e-6);
  private static final double[][] WORLD = {{0, 100, 200}, {100, 0, 240}, {200, 240, 0}};
  static final FleetSpec.Lag LAG = new FleetSpec.Lag(5, 100, 50, 500, 1000);

  static FleetSpec fleet(int regions, int replicasEach, Fault... faults) {
    int[] replicas = new int[regions];
    Arrays.fill(replicas, replicasEach);
    return fleet(regions, 1, replicas, LAG, faults);
  }

  static FleetSpec fleet(
      int regions, int routers, int[] replicas, FleetSpec.Lag lag, Fault... faults) {
    double[][] roundTrips = new double[regions][];
    Arrays.setAll(roundTrips, i -> Arrays.copyOf(WORLD[i], regions));
    return new FleetSpec(
        List.of("us", "eu", "ap").subList(0, regions),
        roundTrips,
        2,
        routers,
        replicas,
        new FleetSpec.Engine(10, 10_000, 8, 1000, new StepCost(1000, 10, 0, 1)),
        lag,
        List.of(faults));
  }

  /** Requests one by one. */
  static final class Work {
    final List<Request> requests = new ArrayList<>();

    Work add(double atMs, int region, int promptTokens, int outputTokens) {
      return add(atMs, NOTHING, region, promptTokens, outputTokens, requests.size());
    }

    /** A prompt that shares its blocks with all others of its text. */
    Work add(double atMs, int follows, int region, int promptTokens, int outputTokens, int text) {
      long[] blocks = new long[promptTokens / 10];
      Arrays.setAll(blocks, i -> 1000L * (text + 1) + i);
      requests.add(
          new Request(
              requests.size(),
              Math.round(atMs * 1e6),
              follows,
              region,
              0,
              0,
              blocks,
              blocks.length,
              promptTokens,
              outputTokens));
      return this;
    }
  }

  /** One request of 30 tokens, answered with 3, at 50 ms. */
  static Work one(int region) {
    return new Work().add(50, region, 30, 3);
  }

  static Results run(FleetSpec fleet, Work work, RoutingPolicy policy) {
    return Simulation.run(fleet, work.requests, (spec, region, router, seed) -> policy, 1);
  }

  /** To the first healthy replica of the router's region. */
  static Choice first(RouterView view) {
    for (int replica : view.replicas(view.region())) {
      if (view.healthy(replica)) {
        return new Choice.Replica(replica, 0);
      }
    }
    return new Choice.Wait();
  }

  static final RoutingPolicy FIRST = (request, forwarded, view) -> first(view);

  /** To the other region, always. */
  static RoutingPolicy toRegion(int region) {
    return (request, forwarded, view) ->
        forwarded || view.region() == region || !view.reachable(region)
            ? first(view)
            : new Choice.Region(region);
  }

  private Worked() {}

  /** Writes down what a policy is asked and told. */
  static RoutingPolicy watch(RoutingPolicy policy, List<String> seen) {
    return new RoutingPolicy() {
      @Override
      public Choice route(Request request, boolean forwarded, RouterView view) {
        seen.add(
            "%.0f: route %d in %d%s"
                .formatted(
                    view.nowMs(), request.number(), view.region(), forwarded ? ", forwarded" : ""));
        return policy.route(request, forwarded, view);
      }

      @Override
      public void firstToken(Request request, int replica, double elapsedMs, RouterView view) {
        seen.add(
            "%.0f: first %d from %d after %.0f"
                .formatted(view.nowMs(), request.number(), replica, elapsedMs));
      }

      @Override
      public void ended(Request request, int replica, RouterView view) {
        seen.add("%.0f: ended %d".formatted(view.nowMs(), request.number()));
      }
    };
  }
}
