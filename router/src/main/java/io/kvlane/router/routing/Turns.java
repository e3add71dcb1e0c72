package io.kvlane.router.routing;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Routes without regard to caches, for a comparison: to each replica in its turn. Safe for any
 * thread.
 */
final class Turns {
  /** No key: belongs to the last part of the key space that comes back. */
  private static final double PLACE = Math.nextDown(1.0);

  private final Pools pools;
  private final Function<String, Learned> learned;
  private final ReplicaOptions options;
  private final RegionChoice regions;
  private final Answers answers;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param learned of a model
   */
  Turns(
      Pools pools,
      Function<String, Learned> learned,
      ReplicaOptions options,
      RegionChoice regions,
      Answers answers) {
    this.pools = pools;
    this.learned = learned;
    this.options = options;
    this.regions = regions;
    this.answers = answers;
  }

  /**
   * Where a request goes.
   *
   * @param replicas that serve the model; at least one
   */
  Future<Route> route(RequestFacts facts, List<Replica> replicas) {
    Learned model = learned.apply(facts.model());
    double bytesPerToken = model.ratio().bytesPerToken();
    Prompt prompt = Prompt.ofText(facts, Prompt.textKeys(facts, replicas), bytesPerToken);
    ReplicaOption.Shared shared = options.shared(prompt, model, Pools.msPerToken(replicas));
    List<ReplicaOption> own = inTurn(replicas, shared);
    Openings openings = pools.openings(facts.model(), replicas, PLACE, System.nanoTime());
    RegionChoice.Choice choice =
        openings.yielding() && facts.policy().failover().otherRegions()
            ? regions.fallbacks(facts, prompt.tokens(), Reasons.Ground.DRAINED)
            : RegionChoice.Choice.here("off", List.of(), Reasons.Ground.TURN);
    List<LiveRoute.Option> all = new ArrayList<>(choice.options());
    all.addAll(openings.sorted(own));
    List<Reasons.Refused> refused = new ArrayList<>(choice.refused());
    refused.addAll(pools.evacuated(facts.model()));
    var features = new Reasons.Features(prompt.tokens(), prompt.blockTokens(), shared.chain());
    Reasons.Ground ground = choice.options().isEmpty() ? Reasons.Ground.TURN : choice.ground();
    var reasons = new Reasons(ground, null, choice.regions(), refused, features);
    return answers.route("off", facts, all, reasons, System.nanoTime());
  }

  private List<ReplicaOption> inTurn(List<Replica> replicas, ReplicaOption.Shared shared) {
    List<ReplicaOption> inTurn = new ArrayList<>(replicas.size());
    int first = turn.getAndIncrement();
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(Math.floorMod(first + i, replicas.size()));
      inTurn.add(new ReplicaOption(replica, 0, shared));
    }
    return inTurn;
  }
}
