package io.kvlane.router.routing;

import static java.util.Objects.requireNonNull;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.RegionState;
import io.kvlane.router.region.Regions;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
  private final Pools pools;
  private final LocalityMap map;
  private final RegionFeed feed;
  private final RegionShare share;
  private final @Nullable DigestSource digest;
  private final @Nullable DigestShare digests;
  private final RegionChoice regions;
  private final Operations operations;
  private final ResidencyAudit residency;
  private final Elsewhere elsewhere;
  private final Turns turns;
  private final ReplicaChoice choice;
  private final Map<String, Learned> learned = new ConcurrentHashMap<>();
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
    Drains drains =
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
    Tokenizer tokenizer = new Tokenizer(vertx, registry);
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
    Supplier<List<OtherRegion>> known = others == null ? List::of : others::all;
    regions = new RegionChoice(known, digests, residency, System::nanoTime);
    Answers answers = new Answers(config.region(), residency);
    elsewhere =
        new Elsewhere(
            config.region(), settings, fleet, drains, pools, this::learned, regions, answers);
    ReplicaOptions options = new ReplicaOptions(config.region(), drains, share::routed);
    turns = new Turns(pools, this::learned, options, regions, answers);
    choice =
        new ReplicaChoice(config, map, pools, tokenizer, this::learned, options, regions, answers);
    operations =
        new LiveOperations(
            vertx, config.region(), fleet, map, drains, known, digests, System::nanoTime);
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
    TreeSet<String> models = new TreeSet<>(fleet.models());
    models.addAll(regions.models());
    return List.copyOf(models);
  }

  @Override
  public int capacity(String model) {
    return pools.capacity(model, regions.capacity(model));
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
    return facts.affinityOff() ? turns.route(facts, replicas) : choice.route(facts, replicas);
  }

  private Learned learned(String model) {
    return learned.computeIfAbsent(
        model,
        name ->
            new Learned(
                () -> settings.of(name).guardCaches(), () -> replicas(name), System::nanoTime));
  }

  /** Healthy replicas that serve the model, wherever they are. */
  private int replicas(String model) {
    return pools.healthy(model).size() + regions.replicas(model);
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
