package io.kvlane.simulator.fleet;

import io.kvlane.simulator.engine.BlockPool;
import io.kvlane.simulator.engine.SchedulerLimits;
import io.kvlane.simulator.engine.VirtualEngine;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Runs a workload through a fleet under virtual time. One run, one thread, no randomness of its
 * own: equal arguments give equal results.
 */
public final class Simulation implements World {
  private static final int MAX_ATTEMPTS = 4;

  /** A digest whose stamp is older, by the reader's clock, is not used. */
  private static final double MAX_DIGEST_AGE_MS = 10_000;

  private static final int PROMPT_BYTES_PER_TOKEN = 4;
  private static final int ANSWER_BYTES_PER_TOKEN = 200;

  /** So long do held requests wait in vain, when nothing else happens any more. */
  private static final double PATIENCE_MS = 60_000;

  /** A refused client tries again so often: the default of OpenAI's client libraries. */
  private static final int CLIENT_RETRIES = 2;

  /** What the router's errors say in Retry-After: refused at once, and after waiting in vain. */
  private static final double RETRY_FULL_MS = 1_000;

  private static final double RETRY_LATE_MS = 2_000;

  private static final double SHORTEST_INTERVAL_MS = 1;

  private final FleetSpec spec;
  private final List<Request> requests;
  private final Results results;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long order;
  private long now;
  // Events to come that are not periodic, and the time of the last one.
  private int pending;
  private long lastChange;
  private int unfinished;
  private long endNanos;
  private long crossRegionBytes;

  private final int[] regionOf;
  private final int[] slotOf;
  private final int[][] replicasOf;
  private final VirtualEngine[] engines;
  private final long[] scheduled;
  private final boolean[] replicaDown;
  private final int[] gaugeWaiting;
  private final int[] gaugeRunning;
  private final double[] gaugeUsage;

  private final Router[][] routers;
  private final int[] nextRouter;
  private final boolean[] regionDown;
  private final long[] downSince;
  private final boolean[][] cut;
  private final long[][] cutSince;
  private final CacheView[] caches;
  private final CacheView[] digests;
  private final DigestLoad[] digestLoads;
  private final double[] clockAheadMs;
  private final int[] attempts;
  private final int[] followedBy;

  private record Event(long at, long order, boolean periodic, Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event o) {
      return at == o.at ? Long.compare(order, o.order) : Long.compare(at, o.at);
    }
  }

  Simulation(FleetSpec spec, List<Request> requests, RoutingPolicy.Factory factory, long seed) {
    this.spec = spec;
    this.requests = requests;
    int regions = spec.regions().size();
    int replicas = spec.replicas();
    regionOf = new int[replicas];
    slotOf = new int[replicas];
    replicasOf = new int[regions][];
    engines = new VirtualEngine[replicas];
    scheduled = new long[replicas];
    replicaDown = new boolean[replicas];
    gaugeWaiting = new int[replicas];
    gaugeRunning = new int[replicas];
    gaugeUsage = new double[replicas];
    routers = new Router[regions][spec.routersPerRegion()];
    nextRouter = new int[regions];
    regionDown = new boolean[regions];
    downSince = new long[regions];
    cut = new boolean[regions][regions];
    cutSince = new long[regions][regions];
    caches = new CacheView[regions];
    digests = new CacheView[regions];
    digestLoads = new DigestLoad[regions];
    clockAheadMs = new double[regions];
    attempts = new int[requests.size()];
    followedBy = new int[requests.size()];
    int replica = 0;
    for (int region = 0; region < regions; region++) {
      int count = spec.replicasPerRegion()[region];
      replicasOf[region] = new int[count];
      for (int slot = 0; slot < count; slot++, replica++) {
        replicasOf[region][slot] = replica;
        regionOf[replica] = region;
        slotOf[replica] = slot;
        engines[replica] = engine(replica);
        scheduled[replica] = Long.MAX_VALUE;
      }
      caches[region] = new CacheView(count, nanos(spec.lag().eventMs()));
      digests[region] = new CacheView(count, nanos(spec.lag().digestMs()));
      digestLoads[region] = DigestLoad.NONE;
    }
    for (int region = 0; region < regions; region++) {
      for (int i = 0; i < spec.routersPerRegion(); i++) {
        int number = region * spec.routersPerRegion() + i;
        routers[region][i] =
            new Router(this, region, factory.create(spec, region, number, seed * 31 + number));
      }
      caches[region].watch(losses(region));
    }
    results =
        Results.empty(
            requests.size(), regionOf, requests.stream().mapToInt(Request::region).toArray());
  }

  private CacheView.Losses losses(int region) {
    return new CacheView.Losses() {
      @Override
      public void evicted(int slot, long[] blocks) {
        for (Router router : routers[region]) {
          router.policy.evicted(replicasOf[region][slot], blocks, router);
        }
      }

      @Override
      public void cleared(int slot) {
        for (Router router : routers[region]) {
          router.policy.cleared(replicasOf[region][slot], router);
        }
      }
    };
  }

  /**
   * Runs it. Requests that policies keep for ever fail when nothing else has happened for a minute
   * of virtual time.
   *
   * @param requests numbered from 0 in their order
   * @param seed of the policies
   */
  public static Results run(
      FleetSpec spec, List<Request> requests, RoutingPolicy.Factory factory, long seed) {
    return new Simulation(spec, requests, factory, seed).run();
  }

  private static long nanos(double ms) {
    return Math.round(ms * 1e6);
  }

  private void at(long time, Runnable action) {
    pending++;
    events.add(new Event(time, order++, false, action));
  }

  private void every(double ms, Runnable action) {
    long time = now + nanos(Math.max(SHORTEST_INTERVAL_MS, ms));
    Runnable again =
        () -> {
          action.run();
          every(ms, action);
        };
    events.add(new Event(time, order++, true, again));
  }

  Results run() {
    unfinished = requests.size();
    List<Request> arrivals = arrivals();
    spec.faults().forEach(this::schedule);
    every(spec.lag().loadMs(), this::tellLoads);
    every(spec.lag().gaugeMs(), this::readGauges);
    if (spec.regions().size() > 1) {
      every(spec.lag().digestMs(), this::publishLoads);
    }
    int arrived = 0;
    while (unfinished > 0) {
      Event event = events.element();
      if (arrived < arrivals.size() && arrivals.get(arrived).atNanos() <= event.at) {
        Request request = arrivals.get(arrived++);
        now = request.atNanos();
        lastChange = now;
        arrive(request);
        continue;
      }
      happen(events.remove());
      if (pending == 0 && arrived == arrivals.size()) {
        loseHeld();
      }
    }
    // What routers have yet to hear, so that their counts end at 0.
    while (!events.isEmpty()) {
      Event event = events.remove();
      if (!event.periodic) {
        happen(event);
      }
    }
    for (int i = 0; i < engines.length; i++) {
      results.busyMs()[i] = engines[i].busyNanos() / 1e6;
    }
    return results.ended(endNanos / 1e6, crossRegionBytes);
  }

  private void happen(Event event) {
    now = event.at;
    if (!event.periodic) {
      pending--;
      lastChange = now;
    }
    event.action.run();
  }

  /**
   * The requests that follow no other, in order of time; the others are tied to their forerunners.
   */
  private List<Request> arrivals() {
    Arrays.fill(followedBy, Request.NOTHING);
    List<Request> arrivals = new ArrayList<>();
    for (Request request : requests) {
      int before = request.follows();
      if (before == Request.NOTHING) {
        arrivals.add(request);
      } else if (followedBy[before] == Request.NOTHING) {
        followedBy[before] = request.number();
      } else {
        throw new IllegalArgumentException(
            "requests "
                + followedBy[before]
                + " and "
                + request.number()
                + " both follow "
                + before);
      }
    }
    arrivals.sort(Comparator.comparingLong(Request::atNanos));
    return arrivals;
  }

  /** Only what is periodic goes on: after some time, what policies still keep is lost. */
  private void loseHeld() {
    if (unfinished == 0 || now - lastChange < nanos(PATIENCE_MS)) {
      return;
    }
    List<Request> held = takeHeld(routers);
    if (held.isEmpty()) {
      throw new IllegalStateException(
          unfinished + " requests never arrive: they follow one another");
    }
    held.forEach(this::fail);
  }

  private static List<Request> takeHeld(Router[]... of) {
    List<Request> held = new ArrayList<>();
    for (Router[] routers : of) {
      for (Router router : routers) {
        router.held.forEach(h -> held.add(h.request()));
        router.held.clear();
      }
    }
    return held;
  }

  /** What routers count as in flight: requests, those without a first token, and all tokens. */
  long inFlight() {
    long sum = 0;
    for (Router[] all : routers) {
      for (Router router : all) {
        sum += router.own.total();
      }
    }
    return sum;
  }

  // A request's way.

  private void arrive(Request request) {
    results.arrivalMs()[request.number()] = now / 1e6;
    results.promptTokens()[request.number()] = request.promptTokens();
    enter(request);
  }

  /** The client reaches a router: of its own region, or of the nearest that lives. */
  private void enter(Request request) {
    if (attempts[request.number()]++ == MAX_ATTEMPTS) {
      fail(request);
      return;
    }
    int home = request.region();
    if (!regionDown[home]) {
      route(request, home, false, 0);
      return;
    }
    long noticed = downSince[home] + nanos(spec.lag().detectMs());
    if (now < noticed) {
      attempts[request.number()]--;
      at(noticed, () -> enter(request));
      return;
    }
    int nearest = -1;
    for (int region = 0; region < regionDown.length; region++) {
      if (!regionDown[region]
          && (nearest < 0
              || spec.roundTripMs()[home][region] < spec.roundTripMs()[home][nearest])) {
        nearest = region;
      }
    }
    if (nearest < 0) {
      fail(request);
      return;
    }
    int entry = nearest;
    long oneWay = nanos(spec.roundTripMs()[home][entry] / 2);
    at(now + oneWay, () -> route(request, entry, false, oneWay));
  }

  private void route(Request request, int region, boolean forwarded, long wayBackNanos) {
    if (regionDown[region]) {
      enter(request);
      return;
    }
    Router router = routers[region][nextRouter[region]++ % routers[region].length];
    if (router.held.isEmpty() && carryOut(router, request, forwarded, wayBackNanos)) {
      return;
    }
    RoutingPolicy.Line line = router.policy.line();
    if (router.held.size() >= line.length()) {
      refuse(request, wayBackNanos, RETRY_FULL_MS);
      return;
    }
    Router.Held held = new Router.Held(request, forwarded, wayBackNanos);
    router.held.add(held);
    if (Double.isFinite(line.longestMs())) {
      at(now + nanos(line.longestMs()), () -> giveUp(router, held));
    }
  }

  private void giveUp(Router router, Router.Held held) {
    if (router.held.remove(held)) {
      refuse(held.request(), held.wayBackNanos(), RETRY_LATE_MS);
    }
  }

  /**
   * The client hears of it and tries again when it is told to, a few times: then the user has to do
   * without this answer, and goes on with what follows.
   */
  private void refuse(Request request, long wayBackNanos, double retryAfterMs) {
    int number = request.number();
    long heard = now + wayBackNanos;
    if (results.refused()[number]++ == CLIENT_RETRIES) {
      at(heard, () -> fail(request));
    } else {
      attempts[number] = 0;
      at(heard + nanos(retryAfterMs), () -> enter(request));
    }
  }

  /** Whether the request is on its way. */
  private boolean carryOut(Router router, Request request, boolean forwarded, long wayBackNanos) {
    switch (router.policy.route(request, forwarded, router)) {
      case Choice.Wait waits -> {
        return false;
      }
      case Choice.Region to -> {
        if (forwarded) {
          throw new IllegalStateException("forwarded twice: request " + request.number());
        }
        long oneWay = nanos(spec.roundTripMs()[router.region()][to.region()] / 2);
        if (!alive(router.region(), to.region())) {
          at(
              noticed(router.region(), to.region()),
              () -> routeAgain(request, router.region(), wayBackNanos));
        } else {
          at(now + oneWay, () -> route(request, to.region(), true, wayBackNanos + oneWay));
        }
      }
      case Choice.Refuse no -> refuse(request, wayBackNanos, RETRY_FULL_MS);
      case Choice.Replica to -> dispatch(router, request, to, wayBackNanos);
    }
    return true;
  }

  private void routeAgain(Request request, int region, long wayBackNanos) {
    if (attempts[request.number()]++ == MAX_ATTEMPTS) {
      fail(request);
    } else {
      route(request, region, false, wayBackNanos);
    }
  }

  private boolean alive(int from, int to) {
    return !regionDown[to] && (from == to || !cut[from][to]);
  }

  /** When it comes to light that something was sent into nothing: when the loss does. */
  private long noticed(int from, int to) {
    long since = regionDown[to] ? downSince[to] : cutSince[from][to];
    return Math.max(now, since + nanos(spec.lag().detectMs()));
  }

  private void dispatch(Router router, Request request, Choice.Replica choice, long wayBackNanos) {
    int replica = choice.replica();
    if (!engines[replica].fits(request)) {
      fail(request);
      return;
    }
    long oneWay = nanos(router.roundTripMs(regionOf[replica]) / 2);
    Attempt attempt =
        new Attempt(request, router, replica, choice.cachedTokens(), now, wayBackNanos + oneWay);
    router.own.dispatched(attempt);
    if (alive(router.region(), regionOf[replica])) {
      at(now + oneWay, () -> submit(attempt));
    } else {
      at(noticed(router.region(), regionOf[replica]), () -> lost(attempt));
    }
  }

  private void submit(Attempt attempt) {
    if (!up(attempt.replica)) {
      lost(attempt);
      return;
    }
    VirtualEngine engine = engines[attempt.replica];
    engine.submit(attempt, now);
    wake(attempt.replica);
  }

  private void wake(int replica) {
    long next = engines[replica].next();
    if (next != scheduled[replica]) {
      scheduled[replica] = next;
      if (next != Long.MAX_VALUE) {
        at(next, () -> step(replica, next));
      }
    }
  }

  private void step(int replica, long planned) {
    if (scheduled[replica] == planned && engines[replica].next() == planned) {
      engines[replica].advance();
      scheduled[replica] = Long.MAX_VALUE;
      wake(replica);
    }
  }

  private VirtualEngine engine(int replica) {
    FleetSpec.Engine shape = spec.engine();
    return new VirtualEngine(
        new SchedulerLimits(
            shape.blockTokens(), shape.maxSequences(), shape.maxBatchedTokens(), replica),
        shape.cost(),
        new BlockPool(Math.max(1, shape.cacheTokens() / shape.blockTokens())),
        new VirtualEngine.Listener() {
          @Override
          public void admitted(VirtualEngine.Job job, int cachedTokens, long at) {
            Attempt attempt = (Attempt) job;
            results.cachedTokens()[attempt.request.number()] = cachedTokens;
            results.predictedTokens()[attempt.request.number()] = attempt.cachedTokens;
          }

          @Override
          public void firstToken(VirtualEngine.Job job, long at) {
            Attempt attempt = (Attempt) job;
            attempt.answered = true;
            Simulation.this.at(at + wayToRouter(attempt), () -> answered(attempt));
            int number = attempt.request.number();
            results.ttftMs()[number] = (at + attempt.wayBackNanos) / 1e6 - sentAt(attempt);
            results.replica()[number] = replica;
          }

          @Override
          public void finished(VirtualEngine.Job job, long at) {
            Attempt attempt = (Attempt) job;
            Simulation.this.at(at + wayToRouter(attempt), () -> ended(attempt));
            int number = attempt.request.number();
            long seen = at + attempt.wayBackNanos;
            results.endToEndMs()[number] = seen / 1e6 - sentAt(attempt);
            finish(attempt.request, seen);
            countBytes(attempt);
          }

          @Override
          public void changed(long[] stored, long[] removed, long at) {
            int region = regionOf[replica];
            caches[region].changed(slotOf[replica], stored, removed, at);
            if (digests.length > 1) {
              digests[region].changed(slotOf[replica], stored, removed, at);
            }
          }
        });
  }

  private double sentAt(Attempt attempt) {
    return results.arrivalMs()[attempt.request.number()];
  }

  private long wayToRouter(Attempt attempt) {
    return nanos(attempt.router.roundTripMs(regionOf[attempt.replica]) / 2);
  }

  private void countBytes(Attempt attempt) {
    if (regionOf[attempt.replica] != attempt.request.region()) {
      crossRegionBytes +=
          (long) attempt.promptTokens() * PROMPT_BYTES_PER_TOKEN
              + (long) attempt.outputTokens() * ANSWER_BYTES_PER_TOKEN;
    }
  }

  private void answered(Attempt attempt) {
    if (attempt.over) {
      return;
    }
    attempt.counted = true;
    attempt.router.own.answered(attempt);
    attempt.router.policy.firstToken(
        attempt.request, attempt.replica, (now - attempt.dispatchedAt) / 1e6, attempt.router);
    retryHeld(attempt.router);
  }

  private void ended(Attempt attempt) {
    if (attempt.over) {
      return;
    }
    attempt.over = true;
    attempt.router.own.ended(attempt);
    attempt.router.policy.ended(attempt.request, attempt.replica, attempt.router);
    retryHeld(attempt.router);
  }

  private void retryHeld(Router router) {
    while (!router.held.isEmpty()) {
      Router.Held first = router.held.peek();
      if (!carryOut(router, first.request(), first.forwarded(), first.wayBackNanos())) {
        return;
      }
      router.held.remove();
    }
  }

  private void finish(Request request, long seen) {
    unfinished--;
    endNanos = Math.max(endNanos, seen);
    int next = followedBy[request.number()];
    if (next != Request.NOTHING) {
      Request follower = requests.get(next);
      at(seen + follower.atNanos(), () -> arrive(follower));
    }
  }

  private void fail(Request request) {
    results.failed()[request.number()] = true;
    finish(request, now);
  }

  /** The replica died under the attempt: begin anew, unless the client has seen a part. */
  private void lost(Attempt attempt) {
    if (!attempt.over) {
      attempt.over = true;
      if (!attempt.counted) {
        attempt.router.own.answered(attempt);
      }
      attempt.router.own.ended(attempt);
      attempt.router.policy.ended(attempt.request, attempt.replica, attempt.router);
    }
    if (attempt.answered) {
      fail(attempt.request);
    } else {
      enter(attempt.request);
    }
  }

  // What routers learn, and when.

  private void tellLoads() {
    for (int region = 0; region < routers.length; region++) {
      for (Router router : routers[region]) {
        router.publish();
      }
      for (Router router : routers[region]) {
        router.others.clear();
        for (Router other : routers[region]) {
          if (other != router) {
            router.others.add(other.published);
          }
        }
      }
    }
  }

  private void readGauges() {
    for (int i = 0; i < engines.length; i++) {
      gaugeWaiting[i] = engines[i].waiting();
      gaugeRunning[i] = engines[i].running();
      gaugeUsage[i] = engines[i].usage();
    }
    for (Router[] all : routers) {
      for (Router router : all) {
        retryHeld(router);
      }
    }
  }

  private void publishLoads() {
    for (int region = 0; region < routers.length; region++) {
      if (regionDown[region]) {
        continue;
      }
      double waiting = 0;
      double inFlight = 0;
      double least = Double.MAX_VALUE;
      int up = 0;
      int working = 0;
      for (int replica : replicasOf[region]) {
        if (!up(replica)) {
          continue;
        }
        up++;
        long tokens = 0;
        for (Router router : routers[region]) {
          tokens += router.own.waitingTokens[replica];
          inFlight += router.own.requests[replica];
        }
        waiting += tokens;
        working += tokens > 0 ? 1 : 0;
        least = Math.min(least, (double) tokens);
      }
      digestLoads[region] =
          up == 0
              ? new DigestLoad(Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE, 1)
              : new DigestLoad(waiting / up, inFlight / up, least, (double) working / up);
    }
  }

  // Faults.

  private void schedule(Fault fault) {
    switch (fault) {
      case Fault.ReplicaDown down -> {
        at(nanos(down.atMs()), () -> crash(down.replica()));
        at(nanos(down.untilMs()), () -> replicaDown[down.replica()] = false);
      }
      case Fault.RegionDown down -> {
        at(nanos(down.atMs()), () -> loseRegion(down.region()));
        at(nanos(down.untilMs()), () -> regionDown[down.region()] = false);
      }
      case Fault.Cut link -> {
        at(nanos(link.atMs()), () -> cut(link.a(), link.b(), true));
        at(nanos(link.untilMs()), () -> cut(link.a(), link.b(), false));
      }
      case Fault.ClockSkew skew -> clockAheadMs[skew.region()] = skew.aheadMs();
    }
  }

  private void crash(int replica) {
    replicaDown[replica] = true;
    kill(replica);
  }

  private void kill(int replica) {
    List<Attempt> lost = new ArrayList<>();
    engines[replica].crash(now).forEach(job -> lost.add((Attempt) job));
    scheduled[replica] = Long.MAX_VALUE;
    caches[regionOf[replica]].cleared(slotOf[replica], now);
    digests[regionOf[replica]].cleared(slotOf[replica], now);
    lost.forEach(this::lost);
  }

  private void loseRegion(int region) {
    regionDown[region] = true;
    downSince[region] = now;
    List<Request> held = takeHeld(routers[region]);
    for (int replica : replicasOf[region]) {
      kill(replica);
    }
    held.forEach(this::enter);
  }

  private void cut(int a, int b, boolean apart) {
    cut[a][b] = apart;
    cut[b][a] = apart;
    cutSince[a][b] = now;
    cutSince[b][a] = now;
  }

  private boolean up(int replica) {
    return !replicaDown[replica] && !regionDown[regionOf[replica]];
  }

  // World.

  @Override
  public FleetSpec spec() {
    return spec;
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public int[] replicas(int region) {
    return replicasOf[region];
  }

  @Override
  public int regionOf(int replica) {
    return regionOf[replica];
  }

  @Override
  public boolean crashed(int replica) {
    return replicaDown[replica];
  }

  @Override
  public boolean reachable(int from, int to) {
    long detect = nanos(spec.lag().detectMs());
    return !(regionDown[to] && now >= downSince[to] + detect)
        && !(cut[from][to] && now >= cutSince[from][to] + detect);
  }

  @Override
  public boolean digestUsable(int from, int to) {
    long last = alive(from, to) ? now : regionDown[to] ? downSince[to] : cutSince[from][to];
    double age = spec.lag().digestMs() + (now - last) / 1e6;
    return age + clockAheadMs[from] - clockAheadMs[to] <= MAX_DIGEST_AGE_MS;
  }

  @Override
  public int gaugeWaiting(int replica) {
    return gaugeWaiting[replica];
  }

  @Override
  public int gaugeRunning(int replica) {
    return gaugeRunning[replica];
  }

  @Override
  public double gaugeUsage(int replica) {
    return gaugeUsage[replica];
  }

  @Override
  public CacheView cache(int region) {
    return caches[region];
  }

  @Override
  public CacheView digest(int region) {
    return digests[region];
  }

  @Override
  public DigestLoad digestLoad(int region) {
    return digestLoads[region];
  }
}
