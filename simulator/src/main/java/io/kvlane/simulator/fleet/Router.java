package io.kvlane.simulator.fleet;

import io.kvlane.locality.admission.SharedLimit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** One router: its counts, its policy, the requests that it holds. */
final class Router implements RouterView {
  private final World world;
  private final int region;
  final RoutingPolicy policy;

  /** Requests that the policy said to keep, oldest first. */
  final Deque<Held> held = new ArrayDeque<>();

  final Counts own;

  /** What this router last told the others of its region. */
  final Counts published;

  /** What the others of the region last told, summed up. */
  final Counts others;

  private double toldMs;
  private final int[] told = new int[SharedLimit.REPORTS];
  private final int[] runs;

  /** A request that waits here. */
  record Held(Request request, boolean forwarded, long wayBackNanos) {}

  /** Work in flight, by replica. */
  static final class Counts {
    final int[] requests;
    final int[] unanswered;
    final long[] waitingTokens;
    final long[] promptTokens;

    Counts(int replicas) {
      requests = new int[replicas];
      unanswered = new int[replicas];
      waitingTokens = new long[replicas];
      promptTokens = new long[replicas];
    }

    void copy(Counts from) {
      System.arraycopy(from.requests, 0, requests, 0, requests.length);
      System.arraycopy(from.unanswered, 0, unanswered, 0, requests.length);
      System.arraycopy(from.waitingTokens, 0, waitingTokens, 0, requests.length);
      System.arraycopy(from.promptTokens, 0, promptTokens, 0, requests.length);
    }

    void clear() {
      Arrays.fill(requests, 0);
      Arrays.fill(unanswered, 0);
      Arrays.fill(waitingTokens, 0);
      Arrays.fill(promptTokens, 0);
    }

    void add(Counts more) {
      for (int i = 0; i < requests.length; i++) {
        requests[i] += more.requests[i];
        unanswered[i] += more.unanswered[i];
        waitingTokens[i] += more.waitingTokens[i];
        promptTokens[i] += more.promptTokens[i];
      }
    }

    /** 0 if nothing is in flight: no count is ever negative. */
    long total() {
      return Arrays.stream(requests).asLongStream().map(Math::abs).sum()
          + Arrays.stream(unanswered).asLongStream().map(Math::abs).sum()
          + Arrays.stream(waitingTokens).map(Math::abs).sum()
          + Arrays.stream(promptTokens).map(Math::abs).sum();
    }

    void dispatched(Attempt attempt) {
      int i = attempt.replica;
      requests[i]++;
      unanswered[i]++;
      waitingTokens[i] += attempt.uncachedTokens();
      promptTokens[i] += attempt.promptTokens();
    }

    void answered(Attempt attempt) {
      unanswered[attempt.replica]--;
      waitingTokens[attempt.replica] -= attempt.uncachedTokens();
    }

    void ended(Attempt attempt) {
      requests[attempt.replica]--;
      promptTokens[attempt.replica] -= attempt.promptTokens();
    }
  }

  Router(World world, int region, RoutingPolicy policy) {
    this.world = world;
    this.region = region;
    this.policy = policy;
    int replicas = world.spec().replicas();
    own = new Counts(replicas);
    published = new Counts(replicas);
    others = new Counts(replicas);
    runs = new int[replicas];
  }

  /** Tells the others of the region what it has in flight. */
  void publish() {
    published.copy(own);
    toldMs = nowMs();
    System.arraycopy(told, 0, told, 1, told.length - 1);
    told[0] = 0;
    for (int replica : world.replicas(region)) {
      told[0] += own.requests[replica];
    }
  }

  @Override
  public FleetSpec spec() {
    return world.spec();
  }

  @Override
  public int region() {
    return region;
  }

  @Override
  public double nowMs() {
    return world.now() / 1e6;
  }

  @Override
  public int[] replicas(int of) {
    return world.replicas(of);
  }

  @Override
  public int regionOf(int replica) {
    return world.regionOf(replica);
  }

  @Override
  public boolean healthy(int replica) {
    return !world.crashed(replica) && reachable(world.regionOf(replica));
  }

  @Override
  public boolean reachable(int other) {
    return other == region || world.reachable(region, other);
  }

  @Override
  public double roundTripMs(int other) {
    return other == region
        ? world.spec().localRoundTripMs()
        : world.spec().roundTripMs()[region][other];
  }

  @Override
  public int requests(int replica) {
    return own.requests[replica] + others.requests[replica];
  }

  @Override
  public int unanswered(int replica) {
    return own.unanswered[replica] + others.unanswered[replica];
  }

  @Override
  public long waitingTokens(int replica) {
    return own.waitingTokens[replica] + others.waitingTokens[replica];
  }

  @Override
  public long promptTokens(int replica) {
    return own.promptTokens[replica] + others.promptTokens[replica];
  }

  @Override
  public int gaugeWaiting(int replica) {
    return world.gaugeWaiting(replica);
  }

  @Override
  public int gaugeRunning(int replica) {
    return world.gaugeRunning(replica);
  }

  @Override
  public double gaugeUsage(int replica) {
    return world.gaugeUsage(replica);
  }

  @Override
  public int[] told() {
    return told.clone();
  }

  @Override
  public double toldMs() {
    return toldMs;
  }

  @Override
  public int[] runs(Request request) {
    int[] local = world.cache(region).runs(request.chain(), world.now());
    int[] replicas = world.replicas(region);
    for (int i = 0; i < replicas.length; i++) {
      runs[replicas[i]] = local[i];
    }
    return runs;
  }

  @Override
  public int digestRun(Request request, int other) {
    int longest = 0;
    if (!world.digestUsable(region, other)) {
      return longest;
    }
    for (int run : world.digest(other).runs(request.chain(), world.now())) {
      longest = Math.max(longest, run);
    }
    return longest;
  }

  @Override
  public double digestWaitingTokens(int other) {
    return digestLoad(other).waitingTokens();
  }

  @Override
  public double digestRequests(int other) {
    return digestLoad(other).requests();
  }

  @Override
  public double digestLeastWaitingTokens(int other) {
    return digestLoad(other).leastWaitingTokens();
  }

  @Override
  public double digestBusy(int other) {
    return digestLoad(other).busy();
  }

  private World.DigestLoad digestLoad(int other) {
    return world.digestUsable(region, other) ? world.digestLoad(other) : World.DigestLoad.NONE;
  }
}
