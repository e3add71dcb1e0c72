package io.kvlane.router.routing;

import io.kvlane.locality.decision.Decider;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.PoolView;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.locality.digest.DigestIndex.Held;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.region.Hop;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.RegionState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Feeds the choice of a region from what the link tells of the others. Safe for any thread. */
final class RegionChoice {
  /**
   * After so many of its replicas have failed a request, a region that seems to be sound is not:
   * another one is tried before the rest of them, while attempts are left.
   */
  private static final int OWN_FIRST = 2;

  private final Supplier<List<OtherRegion>> regions;
  private final @Nullable DigestShare digests;
  private final ResidencyAudit residency;
  private final LongSupplier nanos;

  /** Requests of this router that other regions have in flight, by a model that they serve. */
  private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();

  /**
   * Where a request goes.
   *
   * @param options best first
   * @param ground by which this region or another one was chosen
   * @param regions those that were weighed
   * @param refused those that were not
   */
  record Choice(
      String word,
      List<? extends LiveRoute.Option> options,
      Reasons.Ground ground,
      List<Reasons.Region> regions,
      List<Reasons.Refused> refused) {
    /** Nobody but this region was asked. */
    static Choice here(
        String word, List<? extends LiveRoute.Option> options, Reasons.Ground ground) {
      return new Choice(word, options, ground, List.of(), List.of());
    }

    /**
     * How much of the prompt is cached where it goes.
     *
     * @param here if it stays in this region
     */
    int cachedTokens(int here) {
      return regions.stream()
          .filter(Reasons.Region::chosen)
          .findFirst()
          .map(region -> region.view().cachedTokens())
          .orElse(here);
    }
  }

  /** A region that may serve a request, how it looks from here, and whether it is not drained. */
  private record Way(OtherRegion region, RegionView view, boolean open) {
    Reasons.Region seen(boolean chosen, Reasons.@Nullable Why refused) {
      return new Reasons.Region(view, chosen, refused);
    }
  }

  /**
   * @param regions the others that are known, of which there may be none
   * @param digests what they hold, null if that is not asked for
   */
  RegionChoice(
      Supplier<List<OtherRegion>> regions,
      @Nullable DigestShare digests,
      ResidencyAudit residency,
      LongSupplier nanos) {
    this.regions = regions;
    this.digests = digests;
    this.residency = residency;
    this.nanos = nanos;
  }

  /** What the regions that answer serve. */
  Set<String> models() {
    long now = nanos.getAsLong();
    Set<String> models = new TreeSet<>();
    for (OtherRegion region : regions.get()) {
      RegionState state = region.state(now);
      if (state != null) {
        state.models().forEach(model -> models.add(model.name()));
      }
    }
    return models;
  }

  /** Whether a region has said that it serves {@code model}, even if it is lost now. */
  boolean knows(String model) {
    return regions.get().stream().anyMatch(region -> region.knows(model));
  }

  /**
   * Requests for {@code model} that the other regions can have in flight for this router: what they
   * have, which their reports have taken off what they can spare, and what they can spare.
   */
  int capacity(String model) {
    long now = nanos.getAsLong();
    AtomicInteger forwarded = inFlight.get(model);
    int sum = forwarded == null ? 0 : forwarded.get();
    for (OtherRegion region : regions.get()) {
      RegionState.Model pool = pool(region, model, now);
      if (pool != null) {
        double spare = pool.spare() - region.load().unseenRequests(region.shownAt(now));
        sum += (int) (Math.max(0, spare) * region.share(now));
      }
    }
    return sum;
  }

  /** Healthy replicas that serve {@code model} in the regions that answer. */
  int replicas(String model) {
    long now = nanos.getAsLong();
    int sum = 0;
    for (OtherRegion region : regions.get()) {
      RegionState.Model pool = pool(region, model, now);
      sum += pool == null ? 0 : pool.replicas();
    }
    return sum;
  }

  private static RegionState.@Nullable Model pool(OtherRegion region, String model, long now) {
    RegionState state = region.state(now);
    return state == null ? null : state.model(model);
  }

  /**
   * Decides between this region and the others.
   *
   * @param here what was decided for this region
   * @param yielding whether this region can serve it, but is to only if no other does
   * @param own what may be tried here; nothing if this region is to refuse it
   */
  Choice among(
      RequestFacts facts,
      RequestFeatures request,
      Chain chain,
      Decision here,
      PoolView pool,
      boolean yielding,
      List<? extends LiveRoute.Option> own) {
    long now = nanos.getAsLong();
    boolean full = own.isEmpty();
    boolean lost = yielding || full || !here.winner().replica().healthy();
    Reasons.Ground ground =
        yielding
            ? Reasons.Ground.DRAINED
            : full ? Reasons.Ground.FULL : lost ? Reasons.Ground.UNFIT : Reasons.Ground.REPLICAS;
    if (lost && !facts.policy().failover().otherRegions()) {
      return Choice.here(here.word().label(), own, ground);
    }
    List<Reasons.Refused> refused = new ArrayList<>();
    List<Way> ways = ways(facts, request, chain, refused, now);
    List<Reasons.Region> seen = new ArrayList<>(ways.size());
    List<RegionView> worth = new ArrayList<>(ways.size());
    for (Way way : ways) {
      Reasons.Why why = refusal(facts, way, request, lost, now);
      if (why == null) {
        worth.add(way.view);
      } else {
        seen.add(way.seen(false, why));
      }
    }
    Optional<RegionView> choice =
        !lost
            ? Decider.region(request, here, pool, worth)
            : facts.policy().crossRegion() == Policy.CrossRegion.NEAREST
                ? worth.stream().min(Comparator.comparingDouble(RegionView::roundTripMs))
                : Decider.elsewhere(request, worth);
    List<LiveRoute.Option> options = new ArrayList<>();
    choice
        .flatMap(view -> ways.stream().filter(way -> way.view.equals(view)).findFirst())
        .ifPresent(
            way -> {
              ways.remove(way);
              add(options, way, facts, request.promptTokens(), now);
            });
    boolean crosses = !options.isEmpty();
    for (RegionView view : worth) {
      boolean chosen = crosses && choice.isPresent() && choice.get().equals(view);
      seen.add(new Reasons.Region(view, chosen, null));
    }
    int first = lost ? 0 : Math.min(OWN_FIRST, own.size());
    options.addAll(own.subList(0, first));
    boolean ownWaits = yielding;
    for (Way way : nextFirst(facts, ways)) {
      if (ownWaits && !way.open) {
        options.addAll(own);
        ownWaits = false;
      }
      add(options, way, facts, request.promptTokens(), now);
    }
    if (ownWaits || !yielding) {
      options.addAll(own.subList(first, own.size()));
    }
    String word = crosses ? "forward" : here.word().label();
    Reasons.Ground by = crosses && !lost ? Reasons.Ground.WORTH : ground;
    return new Choice(word, options, by, seen, refused);
  }

  /**
   * The other regions that serve the model, in the order in which they are to stand in.
   *
   * @param ground why this region does not serve it
   */
  Choice fallbacks(RequestFacts facts, int promptTokens, Reasons.Ground ground) {
    long now = nanos.getAsLong();
    RequestFeatures request = new RequestFeatures(promptTokens, 1, 0, 0);
    List<RegionOption> options = new ArrayList<>();
    List<Reasons.Refused> refused = new ArrayList<>();
    List<Reasons.Region> seen = new ArrayList<>();
    for (Way way : nextFirst(facts, ways(facts, request, null, refused, now))) {
      int before = options.size();
      add(options, way, facts, promptTokens, now);
      boolean added = options.size() > before;
      seen.add(way.seen(added && before == 0, way.open ? null : Reasons.Why.DRAINED));
    }
    return new Choice("forward", options, ground, seen, refused);
  }

  private void add(
      List<? super RegionOption> options, Way way, RequestFacts facts, int promptTokens, long now) {
    Optional<Hop> hop = way.region.hop(now);
    int cached = way.view.cachedTokens();
    hop.ifPresent(
        to ->
            options.add(
                new RegionOption(
                    way.region,
                    to,
                    cached,
                    promptTokens - cached,
                    usage -> answered(cached, usage),
                    inFlight.computeIfAbsent(facts.model(), model -> new AtomicInteger()),
                    nanos)));
  }

  private void answered(int predicted, Route.Usage usage) {
    DigestShare told = digests;
    if (told != null && predicted > 0 && usage.cachedTokens() >= 0) {
      told.answered(predicted, usage.cachedTokens());
    }
  }

  /** In the order in which they are to stand in; those that are being drained last. */
  private static List<Way> nextFirst(RequestFacts facts, List<Way> ways) {
    List<String> order = facts.policy().regionOrder();
    return ways.stream()
        .sorted(
            Comparator.comparing((Way way) -> !way.open)
                .thenComparingInt(way -> place(order, way.region.name()))
                .thenComparingDouble(way -> way.view.roundTripMs()))
        .toList();
  }

  private static int place(List<String> order, String region) {
    int place = order.indexOf(region);
    return place < 0 ? order.size() : place;
  }

  /**
   * @param chain null if it is not known here
   * @param refused where those are added that cannot be gone to
   */
  private List<Way> ways(
      RequestFacts facts,
      RequestFeatures request,
      @Nullable Chain chain,
      List<Reasons.Refused> refused,
      long now) {
    Held[] held = digests == null || chain == null ? null : digests.held(chain);
    List<Way> ways = new ArrayList<>();
    // What another region has sent here stays here.
    List<OtherRegion> others = facts.forwarded() ? List.of() : regions.get();
    for (OtherRegion region : others) {
      RegionState.Model pool = pool(region, facts.model(), now);
      int blocks = held == null ? 0 : held[region.number()].blocks();
      int cached = Math.min((int) (blocks * request.blockTokens()), request.promptTokens() - 1);
      if (pool == null || !residency.allows(facts, region.name())) {
        boolean allowed = facts.mayUse(region.name());
        Reasons.Why why = allowed ? Reasons.Why.SILENT : Reasons.Why.RESIDENCY;
        refused.add(new Reasons.Refused(region.name(), null, cached, why));
        continue;
      }
      double unseen = region.load().unseenTokens(region.shownAt(now));
      ways.add(
          new Way(
              region,
              new RegionView(
                  region.name(),
                  region.roundTripMs(),
                  cached,
                  pool.waitingTokens() + unseen / pool.replicas(),
                  pool.busy(),
                  pool.msPerToken()),
              request.place() < 1 - pool.drained()));
    }
    return ways;
  }

  /**
   * Why a request may not go there now, null if it may. A region that has just come back gets the
   * prompts of a growing part of the key space.
   *
   * @param lost whether this region cannot serve it
   */
  private static Reasons.@Nullable Why refusal(
      RequestFacts facts, Way way, RequestFeatures request, boolean lost, long now) {
    if (!way.open) {
      return Reasons.Why.DRAINED;
    }
    if (lost) {
      return null;
    }
    if (facts.policy().crossRegion() != Policy.CrossRegion.WORTH) {
      return Reasons.Why.POLICY;
    }
    return request.place() < way.region.share(now) ? null : Reasons.Why.RETURNING;
  }
}
