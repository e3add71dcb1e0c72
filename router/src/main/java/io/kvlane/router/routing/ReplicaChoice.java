package io.kvlane.router.routing;

import static java.util.Objects.requireNonNull;

import io.kvlane.locality.decision.Decider;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.Policy;
import io.kvlane.locality.decision.PoolView;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policy.Affinity;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Feeds the choice of a replica from the region's live views, and has other regions weighed against
 * what was chosen. Safe for any thread.
 */
final class ReplicaChoice {
  private final RouterConfig config;
  private final LocalityMap map;
  private final Pools pools;
  private final Tokenizer tokenizer;
  private final Function<String, Learned> learned;
  private final ReplicaOptions options;
  private final RegionChoice regions;
  private final Answers answers;

  /**
   * What a decision goes by.
   *
   * @param features what the decision knows of the prompt
   * @param runs blocks of it that are cached, or will be, by slot
   * @param replicas by how they look
   * @param openings which of them may take it
   * @param msPerToken prefill time to assume of all
   * @param nanos when they looked so
   */
  private record Seen(
      Prompt prompt,
      RequestFeatures features,
      int[] runs,
      SequencedMap<ReplicaView, Replica> replicas,
      Openings openings,
      double msPerToken,
      long nanos) {
    Replica replica(Candidate candidate) {
      return requireNonNull(replicas.get(candidate.replica()));
    }
  }

  /**
   * @param learned of a model
   */
  ReplicaChoice(
      RouterConfig config,
      LocalityMap map,
      Pools pools,
      Tokenizer tokenizer,
      Function<String, Learned> learned,
      ReplicaOptions options,
      RegionChoice regions,
      Answers answers) {
    this.config = config;
    this.map = map;
    this.pools = pools;
    this.tokenizer = tokenizer;
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
    RouterConfig.Pool pool = pools.config(facts.model());
    Chain text = Prompt.textKeys(facts, replicas);
    if (pool.keySpace() == RouterConfig.Keys.TEXT
        || facts.policy().affinity().keySpace() == Affinity.Keys.TEXT) {
      return decide(facts, replicas, text, null);
    }
    int blockSize = Pools.blockSize(replicas);
    return tokenizer
        .blocks(pool, facts, replicas, blockSize)
        .compose(
            blocks ->
                decide(
                    facts, replicas, text, Prompt.tokenKeys(facts, replicas, blockSize, blocks)));
  }

  /** {@code tokens} is null where the prompt's token ids are not known: text keys decide. */
  private Future<Route> decide(
      RequestFacts facts, List<Replica> replicas, Chain text, Prompt.@Nullable Tokens tokens) {
    long began = System.nanoTime();
    Learned model = learned.apply(facts.model());
    Prompt prompt = Prompt.of(facts, text, tokens, model.ratio().bytesPerToken());
    Seen seen = look(prompt, replicas);
    List<ReplicaView> views = List.copyOf(seen.replicas.keySet());
    model.pulse().decided(views);
    PoolView pool = model.pulse().view(views);
    Decision decision = Decider.decide(seen.features, pool, seen.runs, bounds(facts));
    ReplicaOption.Shared shared = options.shared(prompt, model, seen.msPerToken);
    List<ReplicaOption> own = usable(seen, decision, shared);
    RegionChoice.Choice choice =
        regions.among(
            facts, seen.features, prompt.chain(), decision, pool, seen.openings.yielding(), own);
    if (!facts.forwarded()) {
      int cached = choice.cachedTokens(decision.winner().cachedTokens());
      model.guard().asked(cached, prompt.tokens());
    }
    var known = new Reasons.Features(prompt.tokens(), prompt.blockTokens(), shared.chain());
    var reasons =
        new Reasons(choice.ground(), decision, choice.regions(), refused(seen, choice), known);
    return answer(facts, decision, choice, reasons, began);
  }

  /** How the replicas look to the prompt at this moment. */
  private Seen look(Prompt prompt, List<Replica> replicas) {
    int[] runs = new int[config.index().maxReplicas()];
    map.runs(prompt.chain(), runs);
    Homes.Home home = map.homes().home(prompt.text(), replicas.size());
    RequestFeatures features = prompt.features(home);
    int sharedBlocks = (int) (home.shared() * prompt.blocksPerChunk());
    double msPerToken = Pools.msPerToken(replicas);
    long now = System.nanoTime();
    Openings openings = pools.openings(prompt.facts().model(), replicas, features.place(), now);
    SequencedMap<ReplicaView, Replica> seen = new LinkedHashMap<>();
    for (Replica replica : replicas) {
      int slot = replica.slot();
      runs[slot] = Math.max(runs[slot], promised(replica.load(), prompt, now));
      ReplicaView told =
          replica.view(
              openings.choosable().contains(replica),
              map.reuse().chance(slot, now),
              msPerToken,
              now);
      seen.put(replica.load().withUntold(told, prompt.chain(), sharedBlocks, now), replica);
    }
    return new Seen(prompt, features, runs, seen, openings, msPerToken, now);
  }

  /**
   * Blocks that a replica will hold because of what is under way to it. Other routers tell theirs
   * by text keys; a chunk less allows for how roughly those measure tokens.
   */
  private static int promised(ReplicaLoad load, Prompt prompt, long now) {
    int own = load.promised(prompt.chain(), now);
    int others = prompt.byText() ? 0 : load.promised(prompt.text(), now) - 1;
    return Math.max(own, (int) (others * prompt.blocksPerChunk()));
  }

  private static Policy bounds(RequestFacts facts) {
    var spill = facts.policy().spill();
    return new Policy(
        spill.maxLoadFactor(),
        Policy.DEFAULT.loadSlack(),
        facts.policy().affinity().minStakeTokens(),
        spill.maxWaitMs(),
        spill.enabled());
  }

  /** What may be tried here, best first: the guard's place, then the others; none if it is full. */
  private static List<ReplicaOption> usable(
      Seen seen, Decision decision, ReplicaOption.Shared shared) {
    List<Candidate> candidates = decision.candidates();
    Optional<Candidate> place =
        shared
            .guard()
            .place(
                candidates,
                shared.promptTokens(),
                c -> seen.replica(c).inUse(c.replica().waitingTokens()),
                seen.nanos);
    if (place.isEmpty()) {
      return List.of();
    }
    List<ReplicaOption> best = new ArrayList<>(candidates.size());
    for (Candidate candidate : candidates) {
      best.add(new ReplicaOption(seen.replica(candidate), candidate.cachedTokens(), shared));
    }
    best.addFirst(best.remove(candidates.indexOf(place.get())));
    return seen.openings.sorted(best);
  }

  /** What could not be chosen, of the regions and of the replicas here. */
  private List<Reasons.Refused> refused(Seen seen, RegionChoice.Choice choice) {
    List<Reasons.Refused> refused = new ArrayList<>(choice.refused());
    for (Replica replica : seen.replicas.values()) {
      if (!seen.openings.choosable().contains(replica)) {
        refused.add(Reasons.Refused.here(replica.id(), seen.openings.refusal(replica)));
      }
    }
    refused.addAll(pools.evacuated(seen.prompt.facts().model()));
    return refused;
  }

  private Future<Route> answer(
      RequestFacts facts,
      Decision decision,
      RegionChoice.Choice choice,
      Reasons reasons,
      long began) {
    if (choice.options().isEmpty()) {
      return Answers.none(RoutingException.Reason.NO_MEMORY, facts.model(), reasons);
    }
    Set<String> allowed = facts.regions();
    if (allowed != null
        && !decision.winner().replica().healthy()
        && choice.options().stream().allMatch(o -> o.region().equals(config.region()))) {
      return answers.noAllowedRegion(allowed, reasons);
    }
    return answers.route(choice.word(), facts, choice.options(), reasons, began);
  }
}
