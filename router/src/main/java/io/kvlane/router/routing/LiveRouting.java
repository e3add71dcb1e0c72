package io.kvlane.router.routing;

import static java.util.Objects.requireNonNull;

import com.dynatrace.hash4j.hashing.Hashing;
import com.hazelcast.core.HazelcastInstance;
import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.Decider;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.Policy;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.PoolView;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.RoutedFrame;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.region.RegionState;
import io.kvlane.router.region.Regions;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Routes by the region's live locality map. */
public final class LiveRouting implements Routing, AutoCloseable {
  /**
   * How often replicas are counted for the guards: as often as other regions are asked. Not with
   * each request, since a loss has to be noticed as well where none come: in a region cut off.
   */
  private static final long COUNT_MILLIS = 200;

  private final RouterConfig config;
  private final PoolSettings settings;
  private final Fleet fleet;
  private final Drains drains;
  private final Pools pools;
  private final LocalityMap map;
  private final RegionFeed feed;
  private final RegionShare share;
  private final Tokenizer tokenizer;
  private final @Nullable DigestSource digest;
  private final @Nullable DigestShare digests;
  private final @Nullable RegionChoice regions;
  private final Operations operations;
  private final ResidencyAudit residency;
  private final Answers answers;
  private final Elsewhere elsewhere;
  private final Map<String, Learned> learned = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final Vertx vertx;
  private final long refresh;
  private final long counting;

  /**
   * Takes part in the region.
   *
   * @param hazelcast the region's cluster; stays the caller's
   * @param others the other regions, null if there are none
   * @param policies what they say of pools; each request brings the policy for itself
   * @param wallMillis the time since 1970
   */
  public LiveRouting(
      Vertx vertx,
      RouterConfig config,
      HazelcastInstance hazelcast,
      @Nullable Regions others,
      Policies policies,
      MeterRegistry registry,
      LongSupplier wallMillis) {
    this.config = config;
    settings = new PoolSettings(config, policies);
    int maxReplicas = config.index().maxReplicas();
    MapMetrics metrics = new MapMetrics(registry);
    fleet = new Fleet(maxReplicas, System::nanoTime);
    map = new LocalityMap(maxReplicas, config.index().maxBytes(), metrics);
    drains =
        new Drains(
            config.region(),
            hazelcast.<String, String>getMap(LocalityLog.DRAINS),
            registry,
            System::nanoTime,
            wallMillis);
    feed = new RegionFeed(hazelcast, config.router().id(), fleet, map, drains, metrics);
    share = new RegionShare(hazelcast, config.router().id(), fleet);
    pools =
        new Pools(
            settings,
            fleet,
            drains,
            model -> learned(model).pulse(),
            share::routers,
            System::nanoTime);
    tokenizer = new Tokenizer(vertx, registry);
    residency = new ResidencyAudit(registry);
    digest = others == null ? null : digest(vertx, metrics);
    digests =
        others == null || !config.link().digest().enabled()
            ? null
            : new DigestShare(
                hazelcast,
                config.router().id(),
                others,
                config.link().digest(),
                metrics,
                new DigestMetrics(registry),
                wallMillis);
    regions =
        others == null ? null : new RegionChoice(others, digests, residency, System::nanoTime);
    answers = new Answers(config.region(), residency);
    elsewhere =
        new Elsewhere(
            config.region(), settings, fleet, drains, pools, this::learned, regions, answers);
    operations =
        new LiveOperations(
            vertx,
            config.region(),
            fleet,
            map,
            drains,
            () -> others == null ? List.of() : others.all(),
            digests,
            System::nanoTime);
    var shown = new FleetMetrics(fleet, map, registry);
    this.vertx = vertx;
    refresh = vertx.setPeriodic(1_000, timer -> shown.refresh());
    counting = vertx.setPeriodic(COUNT_MILLIS, timer -> learned.values().forEach(Learned::count));
  }

  private DigestSource digest(Vertx vertx, MapMetrics metrics) {
    boolean text =
        config.pools().stream().anyMatch(pool -> pool.keySpace() == RouterConfig.Keys.TEXT);
    return new DigestSource(
        vertx,
        map,
        feed,
        new ResidencyRules(config.tenants()),
        config.link().digest(),
        text,
        metrics,
        System::nanoTime);
  }

  /** Follows the region's log; returns when the map's present state is being read. Blocks. */
  public void start() throws InterruptedException {
    feed.start();
    share.start();
    DigestShare others = digests;
    if (others != null) {
      others.start();
    }
  }

  /** For the region's operators. */
  public Operations operations() {
    return operations;
  }

  @Override
  public List<String> models() {
    RegionChoice others = regions;
    if (others == null) {
      return fleet.models();
    }
    TreeSet<String> models = new TreeSet<>(fleet.models());
    models.addAll(others.models());
    return List.copyOf(models);
  }

  @Override
  public int capacity(String model) {
    RegionChoice others = regions;
    return pools.capacity(model, others == null ? 0 : others.capacity(model));
  }

  @Override
  public List<RegionState.Model> pools() {
    return pools.states();
  }

  @Override
  public Future<DigestDelta> digest(String region, long log, long from) {
    return requireNonNull(digest, "there is no link").read(region, log, from);
  }

  @Override
  public Future<Route> route(RequestFacts facts) {
    List<Replica> replicas = pools.serving(facts.model());
    if (replicas.isEmpty() || !residency.allows(facts, config.region())) {
      return elsewhere.route(facts);
    }
    RouterConfig.Pool pool = pools.config(facts.model());
    ChainRoot textRoot = root(KeySpace.TEXT, facts, replicas, facts.text().blockSize());
    Chain text = facts.text().chain(textRoot);
    if (facts.affinityOff()) {
      return inTurn(facts, replicas, text);
    }
    if (pool.keySpace() == RouterConfig.Keys.TEXT
        || facts.policy().affinity().keySpace()
            == io.kvlane.router.policy.Policy.Affinity.Keys.TEXT) {
      return decide(facts, replicas, text, null);
    }
    int blockSize = Pools.blockSize(replicas);
    return tokenizer
        .blocks(pool, facts, replicas, blockSize)
        .compose(
            blocks -> decide(facts, replicas, text, known(facts, replicas, blockSize, blocks)));
  }

  private record Tokens(Chain chain, int count) {}

  private static @Nullable Tokens known(
      RequestFacts facts, List<Replica> replicas, int blockSize, @Nullable Blocks blocks) {
    return blocks == null
        ? null
        : new Tokens(
            blocks.chain(root(KeySpace.TOKENS, facts, replicas, blockSize)), (int) blocks.size());
  }

  /**
   * An engine lists its base model first, then the LoRA adapters that it serves under own names.
   */
  private static ChainRoot root(
      KeySpace space, RequestFacts facts, List<Replica> replicas, int blockSize) {
    List<String> models = replicas.getFirst().state().models();
    String base = models.isEmpty() ? facts.model() : models.getFirst();
    String lora = base.equals(facts.model()) ? "" : facts.model();
    return new ChainRoot(space, base, lora, facts.salt(), blockSize);
  }

  /** {@code tokens} is null where the prompt's token ids are not known: text keys decide. */
  private Future<Route> decide(
      RequestFacts facts, List<Replica> replicas, Chain text, @Nullable Tokens tokens) {
    long began = System.nanoTime();
    double bytesPerToken = learned(facts.model()).ratio().bytesPerToken();
    double textBlockTokens = text.root().blockSize() / bytesPerToken;
    int promptTokens =
        tokens != null ? tokens.count : (int) Math.ceil(facts.text().size() / bytesPerToken);
    Chain chain = tokens != null ? tokens.chain : text;
    double blockTokens = tokens != null ? chain.root().blockSize() : textBlockTokens;
    int[] runs = new int[config.index().maxReplicas()];
    map.runs(chain, runs);
    Homes.Home home = map.homes().home(text, replicas.size());
    String hint = facts.affinity();
    long homeKey =
        hint == null
            ? home.key()
            : Blocks.key(text.root().key(), Hashing.xxh3_64().hashCharsToLong(hint));
    RequestFeatures features =
        new RequestFeatures(
            promptTokens, blockTokens, homeKey, (int) (home.shared() * textBlockTokens));
    double blocksPerChunk = textBlockTokens / blockTokens;
    int sharedBlocks = (int) (home.shared() * blocksPerChunk);
    List<ReplicaView> views = new ArrayList<>(replicas.size());
    Map<ReplicaView, Replica> seen = new HashMap<>();
    double msPerToken = Pools.msPerToken(replicas);
    long now = System.nanoTime();
    Openings openings = pools.openings(facts.model(), replicas, features.place(), now);
    for (Replica replica : replicas) {
      runs[replica.slot()] =
          Math.max(
              runs[replica.slot()], promised(replica.load(), chain, text, blocksPerChunk, now));
      ReplicaView told =
          replica.view(
              openings.choosable().contains(replica),
              map.reuse().chance(replica.slot(), now),
              msPerToken,
              now);
      ReplicaView view = replica.load().withUntold(told, chain, sharedBlocks, now);
      views.add(view);
      seen.put(view, replica);
    }
    PoolPulse pulse = learned(facts.model()).pulse();
    pulse.decided(views);
    PoolView pool = pulse.view(views);
    Decision decision = Decider.decide(features, pool, runs, bounds(facts));
    ReplicaOption.Shared shared = shared(facts, text, chain, promptTokens, msPerToken);
    List<ReplicaOption> best = new ArrayList<>(replicas.size());
    for (Candidate candidate : decision.candidates()) {
      Replica replica = requireNonNull(seen.get(candidate.replica()));
      best.add(new ReplicaOption(replica, candidate.cachedTokens(), shared));
    }
    CacheGuard guard = learned(facts.model()).guard();
    Optional<Candidate> place =
        guard.place(
            decision.candidates(),
            promptTokens,
            c -> requireNonNull(seen.get(c.replica())).inUse(c.replica().waitingTokens()),
            now);
    place.ifPresent(
        first -> {
          ReplicaOption option = best.remove(decision.candidates().indexOf(first));
          best.addFirst(option);
        });
    boolean full = place.isEmpty();
    List<ReplicaOption> options = full ? List.of() : openings.sorted(best);
    RegionChoice others = regions;
    RegionChoice.Choice choice =
        others == null || facts.forwarded()
            ? RegionChoice.Choice.here(
                decision.word().label(),
                options,
                full ? Reasons.Ground.FULL : Reasons.Ground.REPLICAS)
            : others.among(
                facts, features, chain, decision, pool, openings.yielding(), full, options);
    if (!facts.forwarded()) {
      guard.asked(choice.cachedTokens(decision.winner().cachedTokens()), promptTokens);
    }
    List<Reasons.Refused> refused = new ArrayList<>(choice.refused());
    for (Replica replica : replicas) {
      if (!openings.choosable().contains(replica)) {
        refused.add(Reasons.Refused.here(replica.id(), openings.refusal(replica)));
      }
    }
    refused.addAll(pools.evacuated(facts.model()));
    var reasons =
        new Reasons(
            choice.ground(),
            decision,
            choice.regions(),
            refused,
            new Reasons.Features(promptTokens, blockTokens, shared.chain()));
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

  private static Policy bounds(RequestFacts facts) {
    var spill = facts.policy().spill();
    return new Policy(
        spill.maxLoadFactor(),
        Policy.DEFAULT.loadSlack(),
        facts.policy().affinity().minStakeTokens(),
        spill.maxWaitMs(),
        spill.enabled());
  }

  /**
   * Blocks that a replica will hold because of what is under way to it. Other routers tell theirs
   * by text keys; a chunk less allows for how roughly those measure tokens.
   */
  private static int promised(
      ReplicaLoad load, Chain chain, Chain text, double blocksPerChunk, long now) {
    int own = load.promised(chain, now);
    int others = chain.equals(text) ? 0 : load.promised(text, now) - 1;
    return Math.max(own, (int) (others * blocksPerChunk));
  }

  /** Without regard to caches: each in its turn. */
  private Future<Route> inTurn(RequestFacts facts, List<Replica> replicas, Chain text) {
    int promptTokens = (int) (facts.text().size() / learned(facts.model()).ratio().bytesPerToken());
    ReplicaOption.Shared shared =
        shared(facts, text, text, promptTokens, Pools.msPerToken(replicas));
    List<ReplicaOption> options = new ArrayList<>(replicas.size());
    int first = turn.getAndIncrement();
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(Math.floorMod(first + i, replicas.size()));
      options.add(new ReplicaOption(replica, 0, shared));
    }
    // No key: belongs to the last part of the key space that comes back.
    Openings openings =
        pools.openings(facts.model(), replicas, Math.nextDown(1.0), System.nanoTime());
    List<LiveRoute.Option> all = new ArrayList<>();
    List<Reasons.Region> seen = List.of();
    List<Reasons.Refused> refused = new ArrayList<>();
    RegionChoice others = regions;
    if (openings.yielding()
        && others != null
        && !facts.forwarded()
        && facts.policy().failover().otherRegions()) {
      RegionChoice.Choice choice = others.fallbacks(facts, promptTokens, Reasons.Ground.DRAINED);
      all.addAll(choice.options());
      seen = choice.regions();
      refused.addAll(choice.refused());
    }
    all.addAll(openings.sorted(options));
    refused.addAll(pools.evacuated(facts.model()));
    double blockTokens = text.root().blockSize() / learned(facts.model()).ratio().bytesPerToken();
    var features = new Reasons.Features(promptTokens, blockTokens, shared.chain());
    var reasons = new Reasons(Reasons.Ground.TURN, null, seen, refused, features);
    return answers.route("off", facts, all, reasons, System.nanoTime());
  }

  /** {@code chain}: by which it was decided; the text keys if the token ids are not known. */
  private ReplicaOption.Shared shared(
      RequestFacts facts, Chain text, Chain chain, int promptTokens, double msPerToken) {
    Learned model = learned(facts.model());
    TokenRatio ratio = model.ratio();
    long[] keys = text.keys();
    double tokensPerKey = text.root().blockSize() / ratio.bytesPerToken();
    return new ReplicaOption.Shared(
        config.region(),
        promptTokens,
        chain.equals(text) ? keys : chain.keys(),
        msPerToken,
        replica -> drains.evacuated(facts.model(), replica.id()),
        model.pulse(),
        model.guard(),
        replica ->
            share.routed(
                new RoutedFrame.Routed(
                    replica.id(),
                    replica.state().epoch(),
                    keys,
                    (float) (tokensPerKey * replica.scale().factor()))),
        (option, usage) -> {
          ratio.observe(facts.text().size(), usage.promptTokens());
          if (chain.equals(text) && !facts.affinityOff()) {
            option.replica().scale().observe(option.cachedTokens(), usage.cachedTokens());
          }
        },
        System::nanoTime);
  }

  private Learned learned(String model) {
    return learned.computeIfAbsent(
        model,
        name ->
            new Learned(settings.of(name).guardCaches(), () -> replicas(name), System::nanoTime));
  }

  /** Healthy replicas that serve the model, wherever they are. */
  private int replicas(String model) {
    RegionChoice others = regions;
    int elsewhere = others == null ? 0 : others.replicas(model);
    return pools.healthy(model).size() + elsewhere;
  }

  @Override
  public void close() {
    vertx.cancelTimer(refresh);
    vertx.cancelTimer(counting);
    DigestShare others = digests;
    if (others != null) {
      others.close();
    }
    share.close();
    feed.close();
  }
}
