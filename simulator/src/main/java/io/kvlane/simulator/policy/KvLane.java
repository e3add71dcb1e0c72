package io.kvlane.simulator.policy;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.Decider;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.PoolView;
import io.kvlane.locality.decision.PrefillRate;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.locality.decision.Reuse;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** Calls the very decision that the router calls, with what a router would know. */
public final class KvLane implements RoutingPolicy {
  private final int blockTokens;
  private final int router;
  private final IntFunction<Rules> rules;
  private final Homes homes;
  private final RoutedLog log;
  private final OtherRegions others;
  private final PrefillRate rate;
  private final PoolPulse pulse;
  private final Reuse reuse;
  private final CacheGuard guard;
  private final ReplicaLoad[] loads;
  private final Map<Integer, ReplicaLoad.Call> calls = new HashMap<>();

  private KvLane(
      FleetSpec spec,
      int router,
      Homes homes,
      RoutedLog log,
      Parts parts,
      IntFunction<Rules> rules) {
    this.rules = rules;
    this.blockTokens = spec.engine().blockTokens();
    this.router = router;
    this.homes = homes;
    this.log = log;
    log.join(router);
    others = new OtherRegions(spec);
    rate = parts.rate().get();
    pulse = parts.pulse().get();
    reuse = parts.reuse().apply(spec.replicas());
    guard = parts.guard().get();
    loads = new ReplicaLoad[spec.replicas()];
    Arrays.setAll(loads, i -> parts.load().get());
  }

  /**
   * Makes the routers of one simulation. A region's routers share a log of what they routed, as the
   * real ones do through Hazelcast.
   */
  public static Factory factory() {
    return factory(Parts.REAL);
  }

  /**
   * The same under rules that differ from request to request.
   *
   * @param rules by a request's number
   */
  public static Factory factory(IntFunction<Rules> rules) {
    return factory(Parts.REAL, rules);
  }

  /** The same with other parts. */
  public static Factory factory(Parts parts) {
    return factory(parts, number -> Rules.DEFAULT);
  }

  private static Factory factory(Parts parts, IntFunction<Rules> rules) {
    Map<Integer, Homes> homes = new HashMap<>();
    Map<Integer, RoutedLog> logs = new HashMap<>();
    return (spec, region, router, seed) ->
        new KvLane(
            spec,
            router,
            homes.computeIfAbsent(region, r -> parts.homes().get()),
            logs.computeIfAbsent(region, r -> new RoutedLog(spec.lag().loadMs())),
            parts,
            rules);
  }

  @Override
  public Choice route(Request request, boolean forwarded, RouterView view) {
    long now = nanos(view);
    double msPerToken = rate.msPerToken();
    log.read(
        router,
        now,
        sent -> {
          loads[sent.replica()].sentElsewhere(
              sent.chain(), sent.tokens(), msPerToken, sent.atNanos());
          reuse.used(sent.replica(), sent.chain(), sent.atNanos());
        });
    int[] local = view.replicas(view.region());
    int healthy = 0;
    for (int replica : local) {
      healthy += view.healthy(replica) ? 1 : 0;
      ReplicaLoad load = loads[replica];
      load.others(
          view.spec().routersPerRegion() - 1,
          view.requests(replica) - load.requests(),
          view.unanswered(replica) - load.unanswered(),
          view.waitingTokens(replica) - load.waitingTokens(),
          Math.round(view.toldMs() * 1e6));
    }
    if (Admission.full(view, loads, others)) {
      return new Choice.Wait();
    }
    Chain chain = request.chain();
    Homes.Home home = homes.home(chain, local.length);
    int[] runs = view.runs(request);
    List<ReplicaView> replicas = new ArrayList<>(local.length);
    for (int replica : local) {
      ReplicaLoad load = loads[replica];
      runs[replica] = Math.max(runs[replica], load.promised(chain, now));
      ReplicaView told =
          load.view(
              "r" + replica,
              replica,
              view.healthy(replica),
              reuse.chance(replica, now),
              msPerToken,
              0,
              now);
      replicas.add(load.withUntold(told, chain, home.shared(), now));
    }
    pulse.decided(replicas);
    PoolView pool = pulse.view(replicas);
    RequestFeatures features =
        new RequestFeatures(
            request.promptTokens(), blockTokens, home.key(), home.shared() * blockTokens);
    Rules mine = rules.apply(request.number());
    Decision here = Decider.decide(features, pool, runs, mine.bounds());
    boolean allowed = mine.allows(view.region());
    List<RegionView> views = List.of();
    Optional<RegionView> elsewhere = Optional.empty();
    if (!forwarded && (mine.crosses() || !allowed)) {
      views = others.views(request, msPerToken, view);
      views.removeIf(other -> !mine.allows(Integer.parseInt(other.id())));
      elsewhere =
          allowed
              ? Decider.region(features, here, pool, views)
              : Decider.elsewhere(features, views);
    }
    if (!forwarded) {
      int found = elsewhere.map(RegionView::cachedTokens).orElse(here.winner().cachedTokens());
      guard.asked(found, request.promptTokens());
    }
    guard.serving(healthy + others.replicas(view), now);
    Optional<Candidate> place =
        guard.place(here.candidates(), request.promptTokens(), c -> inUse(c, view), now);
    if (place.isEmpty() && elsewhere.isEmpty()) {
      elsewhere = Decider.elsewhere(features, views);
    }
    if (elsewhere.isPresent()) {
      return others.forward(request, elsewhere.get(), now);
    }
    if (place.isEmpty()) {
      return new Choice.Refuse();
    }
    Candidate winner = place.get();
    guard.sent(winner.cachedTokens(), request.promptTokens());
    int replica = winner.replica().slot();
    long[] keys = chain.keys();
    homes.note(keys);
    reuse.used(replica, keys, now);
    log.add(new RoutedLog.Sent(now, router, replica, keys, request.promptTokens()));
    pulse.sent(winner.cachedTokens(), request.promptTokens());
    long uncached = request.promptTokens() - (long) winner.cachedTokens();
    calls.put(request.number(), loads[replica].dispatched(keys, uncached, msPerToken, now));
    return new Choice.Replica(replica, winner.cachedTokens());
  }

  /** What is in flight and not in the engine's batch yet will take memory as well. */
  private static double inUse(Candidate candidate, RouterView view) {
    double cacheTokens = view.spec().engine().cacheTokens();
    return view.gaugeUsage(candidate.replica().slot())
        + candidate.replica().waitingTokens() / cacheTokens;
  }

  @Override
  public Line line() {
    return Admission.LINE;
  }

  @Override
  public void firstToken(Request request, int replica, double elapsedMs, RouterView view) {
    ReplicaLoad.Call call = calls.get(request.number());
    if (call != null) {
      loads[replica].answered(call, rate, nanos(view));
    }
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    ReplicaLoad.Call call = calls.remove(request.number());
    if (call != null) {
      pulse.answered(loads[replica].ended(call, nanos(view)));
    }
  }

  @Override
  public void evicted(int replica, long[] blocks, RouterView view) {
    reuse.evicted(replica, blocks, nanos(view));
  }

  @Override
  public void cleared(int replica, RouterView view) {
    reuse.cleared(replica);
  }

  private static long nanos(RouterView view) {
    return Math.round(view.nowMs() * 1e6);
  }
}
