package io.kvlane.router.admin;

import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Recorded;
import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.policy.KvLane;
import io.kvlane.simulator.policy.Rules;
import io.kvlane.simulator.whatif.RecordedRequest;
import io.kvlane.simulator.whatif.Report;
import io.kvlane.simulator.whatif.WhatIf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replays requests for one model through a simulated fleet that is as large and as fast as the real
 * one, by the decision that the router makes, under what the policies said before and say after.
 * What the router does not know of engines is as on the fleet that the decision was measured on.
 */
final class Replay {
  /** Longer answers are cut: they cost the simulation the most, and routing the least. */
  private static final int MOST_OUTPUT_TOKENS = 256;

  /** Keys of all chains; beyond, longer blocks stand for several. */
  private static final int MOST_KEYS = 200_000;

  private static final int CACHE_TOKENS = 1_000_000;
  private static final int MOST_ROUTERS = 8;
  private static final double DECODE_MS = 12;
  private static final double DECODE_EACH_MS = 0.15;

  /**
   * A request and where it may be served, under both.
   *
   * @param regionsBefore null for anywhere
   * @param regionsAfter null for anywhere
   */
  record Case(
      Recorded request,
      Policy before,
      @Nullable Set<String> regionsBefore,
      Policy after,
      @Nullable Set<String> regionsAfter) {}

  private Replay() {}

  /**
   * Compares what the policies make of requests before and after.
   *
   * @param cases of one model
   * @param fleet what serves that model, this region first
   */
  static Report compare(List<Case> cases, List<RegionFleet> fleet, int routers) {
    Prepared prepared = prepared(cases, fleet, routers);
    return WhatIf.compare(
        prepared.requests, prepared.spec, prepared.before(fleet), prepared.after(fleet));
  }

  /**
   * What becomes of requests under the policies before.
   *
   * @param cases of one model
   * @param fleet that is to serve them, this region first
   */
  static Report.Outcome outcome(List<Case> cases, List<RegionFleet> fleet, int routers) {
    Prepared prepared = prepared(cases, fleet, routers);
    return WhatIf.outcome(prepared.requests, prepared.spec, prepared.before(fleet));
  }

  private record Prepared(List<Case> cases, List<RecordedRequest> requests, FleetSpec spec) {
    RoutingPolicy.Factory before(List<RegionFleet> fleet) {
      return factory(c -> rules(c.before(), c.regionsBefore(), names(fleet)));
    }

    RoutingPolicy.Factory after(List<RegionFleet> fleet) {
      return factory(c -> rules(c.after(), c.regionsAfter(), names(fleet)));
    }

    private RoutingPolicy.Factory factory(Function<Case, Rules> rules) {
      List<Rules> all = cases.stream().map(rules).toList();
      return KvLane.factory(all::get);
    }
  }

  private static List<String> names(List<RegionFleet> fleet) {
    return fleet.stream().map(RegionFleet::region).toList();
  }

  private static Prepared prepared(List<Case> cases, List<RegionFleet> fleet, int routers) {
    int stride = stride(cases);
    int blockTokens = Math.max(1, (int) Math.round(blockTokens(cases) * stride));
    long first = cases.stream().mapToLong(c -> c.request().arrivedMillis()).min().orElse(0);
    List<RecordedRequest> requests = new ArrayList<>(cases.size());
    for (Case one : cases) {
      Recorded request = one.request();
      requests.add(
          new RecordedRequest(
              request.arrivedMillis() - first,
              chain(request, stride, blockTokens),
              request.promptTokens(),
              Math.clamp(request.outputTokens(), 1, MOST_OUTPUT_TOKENS),
              0,
              0,
              requests.size()));
    }
    return new Prepared(cases, requests, spec(fleet, names(fleet), blockTokens, routers));
  }

  /** How many blocks are taken for one; a key stands for all before it, so others are left out. */
  private static int stride(List<Case> cases) {
    long keys = cases.stream().mapToLong(c -> c.request().chain().length).sum();
    return (int) Math.max(1, (keys + MOST_KEYS - 1) / MOST_KEYS);
  }

  /** What text keys stand for drifts a little from request to request. */
  private static double blockTokens(List<Case> cases) {
    double[] all =
        cases.stream()
            .filter(c -> c.request().chain().length > 0)
            .mapToDouble(c -> c.request().blockTokens())
            .sorted()
            .toArray();
    return all.length == 0 ? 16 : all[all.length / 2];
  }

  private static long[] chain(Recorded request, int stride, int blockTokens) {
    int blocks = Math.min(request.chain().length / stride, request.promptTokens() / blockTokens);
    long[] chain = new long[blocks];
    Arrays.setAll(chain, i -> request.chain()[(i + 1) * stride - 1]);
    return chain;
  }

  private static Rules rules(Policy policy, @Nullable Set<String> allowed, List<String> names) {
    Set<Integer> regions = null;
    if (allowed != null) {
      regions = new HashSet<>();
      for (int i = 0; i < names.size(); i++) {
        if (allowed.contains(names.get(i))) {
          regions.add(i);
        }
      }
    }
    var bounds =
        new io.kvlane.locality.decision.Policy(
            policy.spill().maxLoadFactor(),
            io.kvlane.locality.decision.Policy.DEFAULT.loadSlack(),
            policy.affinity().minStakeTokens(),
            policy.spill().maxWaitMs(),
            policy.spill().enabled());
    return new Rules(bounds, policy.crossRegion() == Policy.CrossRegion.WORTH, regions);
  }

  private static FleetSpec spec(
      List<RegionFleet> fleet, List<String> names, int blockTokens, int routers) {
    double[][] roundTrips = new double[fleet.size()][fleet.size()];
    for (int a = 0; a < fleet.size(); a++) {
      for (int b = 0; b < fleet.size(); b++) {
        // Between two others it is not known, and nothing goes that way.
        roundTrips[a][b] =
            a == b ? 0 : Math.max(fleet.get(a).roundTripMs(), fleet.get(b).roundTripMs());
      }
    }
    RegionFleet own = fleet.getFirst();
    long cache = own.cacheTokens() > 0 ? own.cacheTokens() : CACHE_TOKENS;
    return new FleetSpec(
        names,
        roundTrips,
        0.5,
        Math.clamp(routers, 1, MOST_ROUTERS),
        fleet.stream().mapToInt(RegionFleet::replicas).toArray(),
        new FleetSpec.Engine(
            blockTokens,
            Math.clamp(cache, blockTokens, Integer.MAX_VALUE / 2),
            256,
            2_048,
            new StepCost(1e3 / Math.max(1e-3, own.msPerToken()), DECODE_MS, DECODE_EACH_MS, 1)),
        new FleetSpec.Lag(50, ReplicaLoad.TOLD_MS, 100, 1_000, 2_000),
        List.of());
  }
}
