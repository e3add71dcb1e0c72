package io.kvlane.router.routing;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Answers requests that no replica of this region takes, or that may not be served here: another
 * region serves them, or there is a reason why nobody does. Safe for any thread.
 */
final class Elsewhere {
  private final String region;
  private final PoolSettings settings;
  private final Fleet fleet;
  private final Drains drains;
  private final Pools pools;
  private final Function<String, Learned> learned;
  private final RegionChoice regions;
  private final Answers answers;

  /**
   * @param region this region's name
   * @param learned of a model
   */
  Elsewhere(
      String region,
      PoolSettings settings,
      Fleet fleet,
      Drains drains,
      Pools pools,
      Function<String, Learned> learned,
      RegionChoice regions,
      Answers answers) {
    this.region = region;
    this.settings = settings;
    this.fleet = fleet;
    this.drains = drains;
    this.pools = pools;
    this.learned = learned;
    this.regions = regions;
    this.answers = answers;
  }

  /** Where it goes. */
  Future<Route> route(RequestFacts facts) {
    boolean known = isKnown(facts.model());
    // Nothing is kept of names that clients think up: there may be millions.
    double bytesPerToken =
        known ? learned.apply(facts.model()).ratio().bytesPerToken() : TokenRatio.BYTES_PER_TOKEN;
    int promptTokens = Prompt.tokens(facts, bytesPerToken);
    Reasons.Ground ground = facts.mayUse(region) ? Reasons.Ground.ABSENT : Reasons.Ground.RESIDENCY;
    RegionChoice.Choice choice = regions.fallbacks(facts, promptTokens, ground);
    List<Reasons.Refused> refused = new ArrayList<>(choice.refused());
    if (ground == Reasons.Ground.RESIDENCY) {
      refused.add(Reasons.Refused.here(null, Reasons.Why.RESIDENCY));
    }
    refused.addAll(pools.evacuated(facts.model()));
    var reasons =
        new Reasons(ground, null, choice.regions(), refused, Reasons.Features.unread(promptTokens));
    return choice.options().isEmpty()
        ? nowhere(facts, known, reasons)
        : answers.route("forward", facts, choice.options(), reasons, System.nanoTime());
  }

  private Future<Route> nowhere(RequestFacts facts, boolean known, Reasons reasons) {
    String model = facts.model();
    Set<String> allowed = facts.regions();
    if (facts.mayUse(region) && !fleet.serving(model).isEmpty()) {
      String rule = allowed == null ? "." : Answers.rule(allowed);
      return Answers.none(
          RoutingException.Reason.EVACUATED,
          drains.evacuation(model) + ", and no other region can serve it" + rule,
          reasons);
    }
    if (!known) {
      return Answers.none(RoutingException.Reason.UNKNOWN_MODEL, model, reasons);
    }
    return allowed != null
        ? answers.noAllowedRegion(allowed, reasons)
        : Answers.none(RoutingException.Reason.NO_HEALTHY_REPLICA, model, reasons);
  }

  /** Whether a model exists, though it may be that nobody serves it now. */
  private boolean isKnown(String model) {
    return settings.knows(model) || !fleet.serving(model).isEmpty() || regions.knows(model);
  }
}
