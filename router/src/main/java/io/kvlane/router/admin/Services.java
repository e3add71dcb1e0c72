package io.kvlane.router.admin;

import io.kvlane.locality.log.DrainState;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.telemetry.cache.Caches;
import io.kvlane.router.telemetry.cache.Question;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who answers which operation of the description. Immutable; safe for any thread. */
final class Services {
  private static final Map<Kind, String> NAMES =
      Map.of(Kind.POLICY, "Policy", Kind.POOL, "Pool", Kind.TENANT, "Tenant", Kind.KEY, "Key");
  private static final long CACHE_MILLIS = 2_000;
  private static final Map<Kind, String> PLURALS =
      Map.of(Kind.POLICY, "Policies", Kind.POOL, "Pools", Kind.TENANT, "Tenants", Kind.KEY, "Keys");

  private final Vertx vertx;
  private final AdminParts parts;
  private final WorkerExecutor workers;
  private final OtherRegions others;
  private final Map<String, Service> here = new HashMap<>();
  private final Map<String, Service> atStore = new HashMap<>();
  private final Map<String, Service> lastGood = new HashMap<>();

  /** Answers one operation. */
  @FunctionalInterface
  interface Service {
    /** Fails with {@link Refused} or {@link ApiProblem}. */
    Future<ApiAnswer> answer(ApiCall call);
  }

  @FunctionalInterface
  private interface Blocking {
    ApiAnswer answer(ApiCall call) throws Refused;
  }

  /**
   * @param writes null if this router has no store
   * @param notes told of orders
   * @param lastHour for what-if questions
   */
  Services(
      Vertx vertx,
      AdminParts parts,
      ApiDescription description,
      WorkerExecutor workers,
      @Nullable WriteService writes,
      Notes notes,
      LastHour lastHour) {
    this.vertx = vertx;
    this.parts = parts;
    this.workers = workers;
    this.others = new OtherRegions(vertx, parts.insight());
    observed(description, notes);
    cache(lastHour);
    reads(lastGood, new ResourceReads(parts.policies()::state));
    PolicyStore store = parts.store();
    if (store != null && writes != null) {
      reads(atStore, new ResourceReads(store::current));
      writes(store, writes);
      Set<String> known = new TreeSet<>(here.keySet());
      known.addAll(atStore.keySet());
      Set<String> described = new TreeSet<>();
      description.operations().forEach(operation -> described.add(operation.id()));
      if (!described.equals(known)) {
        throw new IllegalStateException("openapi.yaml describes " + described);
      }
    }
  }

  /** Who answers it on this router; null if that needs the store, and this router has none. */
  @Nullable Service here(Operation operation) {
    Service service = here.get(operation.id());
    return service != null ? service : atStore.get(operation.id());
  }

  /** Who answers it without any store, by the revision that is served; null for nobody. */
  @Nullable Service lastGood(Operation operation) {
    return lastGood.get(operation.id());
  }

  private void observed(ApiDescription description, Notes notes) {
    var live = new LiveService(parts.region(), parts.policies());
    now(here, "resolve", live::resolve);
    now(here, "getStatus", call -> live.status());
    now(here, "getOpenapi", call -> ApiAnswer.ok(description.document().getMap()));
    var orders = new OrderService(parts.region(), parts.policies(), parts.operations(), notes);
    now(here, "listReplicas", call -> orders.list(DrainState.Kind.REPLICA));
    now(here, "getReplica", call -> orders.get(call, DrainState.Kind.REPLICA));
    now(here, "listRegions", call -> orders.list(DrainState.Kind.REGION));
    now(here, "getRegion", call -> orders.get(call, DrainState.Kind.REGION));
    var decisions =
        new DecisionService(vertx, parts.region(), parts.insight().here().evidence(), others);
    here.put("listDecisions", decisions::list);
    here.put("getDecision", decisions::get);
    here.put("tailDecisions", decisions::tail);
    here.put("orderReplica", call -> orders.give(call, DrainState.Kind.REPLICA));
    here.put("orderRegion", call -> orders.give(call, DrainState.Kind.REGION));
    here.put("orderPool", call -> orders.give(call, DrainState.Kind.POOL));
  }

  private void cache(LastHour lastHour) {
    Caches caches = parts.insight().here().caches();
    var cache =
        new CacheService(vertx, parts.region(), caches, parts.operations(), InstantSource.system());
    here.put("getCacheSummary", cache::summary);
    here.put("getCacheSeries", cache::series);
    here.put("listCacheReplicas", cache::replicas);
    here.put("listCachePrefixes", cache::prefixes);
    var regions = new CacheRegions(cache, parts.region(), parts.operations(), others);
    here.put("listCacheRegions", regions::list);
    var events = new EventStreams(vertx, "what caches bring", CACHE_MILLIS);
    here.put(
        "tailCache",
        call ->
            cache
                .summary(call, Question.By.NONE) // what cannot be answered is refused at once
                .map(first -> events.begin(() -> seen(cache, regions, call))));
    var advice = new CacheAdvice(lastHour, parts.policies(), parts.operations());
    blocking(here, "getCacheAdvice", advice::of);
  }

  private static Future<List<EventStreams.Event>> seen(
      CacheService cache, CacheRegions regions, ApiCall call) {
    return cache
        .summary(call, Question.By.NONE)
        .compose(
            summary ->
                regions
                    .of(call)
                    .map(
                        all ->
                            List.of(
                                new EventStreams.Event("summary", summary),
                                new EventStreams.Event("regions", all))));
  }

  private void reads(Map<String, Service> services, ResourceReads reads) {
    for (Kind kind : NAMES.keySet()) {
      blocking(services, "list" + PLURALS.get(kind), call -> reads.list(call, kind));
      blocking(services, "get" + NAMES.get(kind), call -> reads.get(call, kind));
    }
  }

  private void writes(PolicyStore store, WriteService writes) {
    var resources = new ResourceWrites(parts.decider(), writes);
    for (Kind kind : NAMES.keySet()) {
      blocking(atStore, "put" + NAMES.get(kind), call -> resources.put(call, kind));
      blocking(atStore, "patch" + NAMES.get(kind), call -> resources.patch(call, kind));
      blocking(atStore, "delete" + NAMES.get(kind), call -> resources.delete(call, kind));
    }
    var keys = new KeyService(parts.decider(), writes, InstantSource.system());
    blocking(atStore, "createKey", keys::create);
    blocking(atStore, "rotateKey", keys::rotate);
    var changeSets = new ChangeSetService(parts.decider(), writes);
    blocking(atStore, "createChangeset", changeSets::create);
    var revisions = new RevisionService(store, parts.decider(), writes);
    blocking(atStore, "listRevisions", revisions::list);
    blocking(atStore, "getRevision", revisions::get);
    blocking(atStore, "diffRevisions", revisions::diff);
    blocking(atStore, "rollback", revisions::rollback);
    var audit = new AuditService(store);
    blocking(atStore, "listAudit", audit::list);
    blocking(atStore, "verifyAudit", audit::verify);
    var rollouts = new RolloutService(vertx, parts, store, writes);
    blocking(atStore, "listRollouts", rollouts::list);
    blocking(atStore, "getRollout", rollouts::get);
    blocking(atStore, "promoteRollout", rollouts::promote);
    blocking(atStore, "rollbackRollout", rollouts::rollback);
    atStore.put(
        "waitForRevision",
        call ->
            run(rollouts::get, call)
                .compose(known -> rollouts.await(call))
                .compose(over -> run(rollouts::get, call)));
  }

  private static void now(Map<String, Service> services, String id, Blocking service) {
    services.put(
        id,
        call -> {
          try {
            return Future.succeededFuture(service.answer(call));
          } catch (Refused | RuntimeException e) {
            return Future.failedFuture(e);
          }
        });
  }

  private void blocking(Map<String, Service> services, String id, Blocking service) {
    services.put(id, call -> run(service, call));
  }

  private Future<ApiAnswer> run(Blocking service, ApiCall call) {
    return workers.executeBlocking(() -> service.answer(call), false);
  }
}
