package io.kvlane.simulator.rival;

import io.kvlane.locality.admission.SharedLimit;
import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A view whose every figure a test can set. The router is in region 0; all is healthy and idle; a
 * prefill token takes 1 ms.
 */
final class FakeView implements RouterView {
  private static final StepCost COST = new StepCost(1000, 10, 0, 1);

  final FleetSpec spec;
  final boolean[] down;
  final int[] requests;
  final int[] unanswered;
  final long[] waitingTokens;
  final long[] promptTokens;
  final int[] gaugeWaiting;
  final int[] runs;
  final int[] digestRuns;
  double nowMs;

  /** Blocks have 100 tokens, caches 100 blocks; region i is 100 i ms away. */
  FakeView(int... replicasPerRegion) {
    int regions = replicasPerRegion.length;
    double[][] roundTrips = new double[regions][regions];
    for (int a = 0; a < regions; a++) {
      for (int b = 0; b < regions; b++) {
        roundTrips[a][b] = 100 * Math.abs(a - b);
      }
    }
    List<String> names = IntStream.range(0, regions).mapToObj(i -> "region-" + i).toList();
    spec =
        new FleetSpec(
            names,
            roundTrips,
            1,
            1,
            replicasPerRegion,
            new FleetSpec.Engine(100, 10_000, 64, 2048, COST),
            new FleetSpec.Lag(1, 100, 100, 500, 1000),
            List.of());
    int replicas = spec.replicas();
    down = new boolean[replicas];
    requests = new int[replicas];
    unanswered = new int[replicas];
    waitingTokens = new long[replicas];
    promptTokens = new long[replicas];
    gaugeWaiting = new int[replicas];
    runs = new int[replicas];
    digestRuns = new int[regions];
  }

  /** A request whose prompt has these blocks, each of 100 tokens. */
  static Request request(int number, long... blocks) {
    return inSession(0, number, blocks);
  }

  static Request inSession(int session, int number, long... blocks) {
    int tokens = Math.max(1, blocks.length * 100);
    return new Request(
        number, 0, Request.NOTHING, 0, session, 0, blocks, blocks.length, tokens, 10);
  }

  /** As many blocks as that, which start with {@code first} and count up. */
  static long[] blocks(long first, int count) {
    long[] blocks = new long[count];
    Arrays.setAll(blocks, i -> first + i);
    return blocks;
  }

  static Choice.Replica to(int replica, int cachedTokens) {
    return new Choice.Replica(replica, cachedTokens);
  }

  RoutingPolicy policy(String name) {
    return Rivals.named(name).create(spec, 0, 0, 1);
  }

  Choice route(RoutingPolicy policy, Request request) {
    return policy.route(request, false, this);
  }

  int replica(RoutingPolicy policy, Request request) {
    return ((Choice.Replica) route(policy, request)).replica();
  }

  @Override
  public FleetSpec spec() {
    return spec;
  }

  @Override
  public int region() {
    return 0;
  }

  @Override
  public double nowMs() {
    return nowMs;
  }

  @Override
  public int[] replicas(int region) {
    return Candidates.of(spec, region);
  }

  @Override
  public int regionOf(int replica) {
    int region = 0;
    for (int last = spec.replicasPerRegion()[0]; last <= replica; region++) {
      last += spec.replicasPerRegion()[region + 1];
    }
    return region;
  }

  @Override
  public boolean healthy(int replica) {
    return !down[replica];
  }

  @Override
  public boolean reachable(int region) {
    return true;
  }

  @Override
  public double roundTripMs(int region) {
    return region == 0 ? spec.localRoundTripMs() : spec.roundTripMs()[0][region];
  }

  @Override
  public int requests(int replica) {
    return requests[replica];
  }

  @Override
  public int unanswered(int replica) {
    return unanswered[replica];
  }

  @Override
  public long waitingTokens(int replica) {
    return waitingTokens[replica];
  }

  @Override
  public long promptTokens(int replica) {
    return promptTokens[replica];
  }

  @Override
  public int gaugeWaiting(int replica) {
    return gaugeWaiting[replica];
  }

  @Override
  public int gaugeRunning(int replica) {
    return 0;
  }

  @Override
  public double gaugeUsage(int replica) {
    return 0;
  }

  @Override
  public double toldMs() {
    return 0;
  }

  @Override
  public int[] told() {
    return new int[SharedLimit.REPORTS];
  }

  @Override
  public int[] runs(Request request) {
    return runs;
  }

  @Override
  public int digestRun(Request request, int region) {
    return digestRuns[region];
  }

  @Override
  public double digestWaitingTokens(int region) {
    return 0;
  }

  @Override
  public double digestRequests(int region) {
    return 0;
  }

  @Override
  public double digestLeastWaitingTokens(int region) {
    return 0;
  }

  @Override
  public double digestBusy(int region) {
    return 0;
  }
}
