package io.kvlane.simulator.whatif;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.whatif.Report.Example;
import io.kvlane.simulator.whatif.Report.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Replays recorded requests through a simulated fleet under two policies. Arrivals stay as they
 * were recorded, whatever the policy makes of the answers before. The blocks that an answer filled
 * are not recorded, so both policies find of a turn that repeats an answer only what came before.
 */
public final class WhatIf {
  /** So many changed requests are named. */
  public static final int MOST_EXAMPLES = 20;

  private static final long SEED = 1;

  private WhatIf() {}

  /**
   * Compares two policies.
   *
   * @param recorded in any order
   * @param fleet what served them, or would have
   * @param a the policy before the change
   * @param b the policy after it
   * @throws IllegalArgumentException if a request does not suit the fleet
   */
  public static Report compare(
      List<RecordedRequest> recorded,
      FleetSpec fleet,
      RoutingPolicy.Factory a,
      RoutingPolicy.Factory b) {
    List<Request> requests = requests(recorded, fleet);
    Results before = Simulation.run(fleet, requests, a, SEED);
    Results after = Simulation.run(fleet, requests, b, SEED);
    int changed = 0;
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      int from = before.replica()[i];
      int to = after.replica()[i];
      if (from != to) {
        changed++;
        if (examples.size() < MOST_EXAMPLES) {
          examples.add(new Example(i, from, to));
        }
      }
    }
    return new Report(requests.size(), changed, outcome(before), outcome(after), examples);
  }

  /**
   * What becomes of recorded requests under one policy.
   *
   * @param recorded in any order
   * @param fleet that is to serve them
   * @throws IllegalArgumentException if a request does not suit the fleet
   */
  public static Outcome outcome(
      List<RecordedRequest> recorded, FleetSpec fleet, RoutingPolicy.Factory policy) {
    return outcome(Simulation.run(fleet, requests(recorded, fleet), policy, SEED));
  }

  private static List<Request> requests(List<RecordedRequest> recorded, FleetSpec fleet) {
    int blockTokens = fleet.engine().blockTokens();
    List<Request> requests = new ArrayList<>(recorded.size());
    for (RecordedRequest r : recorded) {
      int number = requests.size();
      if (r.chain().length > r.promptTokens() / blockTokens) {
        throw new IllegalArgumentException(
            "request %d: %d blocks of %d tokens (its prompt has %d tokens)"
                .formatted(number, r.chain().length, blockTokens, r.promptTokens()));
      }
      if (r.region() >= fleet.regions().size()) {
        throw new IllegalArgumentException(
            "request %d: region %d (the fleet has %d)"
                .formatted(number, r.region(), fleet.regions().size()));
      }
      requests.add(
          new Request(
              number,
              Math.round(r.atMs() * 1e6),
              Request.NOTHING,
              r.region(),
              r.session(),
              r.tenant(),
              r.chain(),
              r.chain().length,
              r.promptTokens(),
              r.outputTokens()));
    }
    return requests;
  }

  private static Outcome outcome(Results results) {
    long hit = 0;
    long all = 0;
    int served = 0;
    int crossed = 0;
    int failed = 0;
    for (int i = 0; i < results.replica().length; i++) {
      failed += results.failed()[i] ? 1 : 0;
      int replica = results.replica()[i];
      if (replica < 0) {
        continue;
      }
      served++;
      crossed += results.replicaRegion()[replica] == results.clientRegion()[i] ? 0 : 1;
      hit += results.cachedTokens()[i];
      all += results.promptTokens()[i];
    }
    double[] ttft = Arrays.stream(results.ttftMs()).filter(Double::isFinite).sorted().toArray();
    return new Outcome(
        served == 0 ? 0 : (double) hit / all,
        percentile(ttft, 0.5),
        percentile(ttft, 0.95),
        served == 0 ? 0 : (double) crossed / served,
        failed);
  }

  /** The smallest value that so large a share does not exceed. */
  private static double percentile(double[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
