package io.kvlane.router.admin;

import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.PolicySnapshot;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Recorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one more replica, or twice the cache, would have brought to the last hour's requests: they
 * are replayed through a simulated fleet as it is, and as it would be. Each simulation begins with
 * empty caches, so that what counts is how they differ. Safe for any thread.
 */
final class CacheAdvice {
  private final LastHour last;
  private final Policies policies;
  private final @Nullable Operations operations;

  /**
   * @param operations null if it is not known what serves requests
   */
  CacheAdvice(LastHour last, Policies policies, @Nullable Operations operations) {
    this.last = last;
    this.policies = policies;
    this.operations = operations;
  }

  /** {@code GET /cache/advice}. Takes up to three seconds. */
  ApiAnswer of(ApiCall call) {
    long since = last.since();
    Evidence.Recording recording = last.requests(since, call.caller().tenants());
    List<RegionFleet> fleet = operations == null ? List.of() : operations.fleet();
    PolicySnapshot now = policies.current();
    Map<String, List<Replay.Case>> byModel = new TreeMap<>();
    for (Recorded request : recording.requests()) {
      Optional<Policy> policy =
          now.policy(request.model(), request.tenant(), request.path(), request.headers());
      policy.ifPresent(
          by -> {
            Set<String> regions = Impact.regions(request, now, by);
            byModel
                .computeIfAbsent(request.model(), model -> new ArrayList<>())
                .add(new Replay.Case(request, by, regions, by, regions));
          });
    }
    int routers = recording.routers().size();
    LastHour.Simulated simulated =
        byModel.isEmpty()
            ? LastHour.Simulated.none("there were no requests")
            : last.simulate(
                byModel, fleet, (model, cases, regions) -> more(model, cases, regions, routers));
    return ApiAnswer.ok(
        Map.of(
            "since", Instant.ofEpochMilli(since).toString(),
            "requests", recording.requests().size(),
            "silentRouters", recording.silent(),
            "models", simulated.models(),
            "simulation", simulated.word()));
  }

  private static Map<String, Object> more(
      String model, List<Replay.Case> cases, List<RegionFleet> regions, int routers) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("model", model);
    shown.put("requests", cases.size());
    shown.put("asIs", outcome(cases, regions, routers, own -> own));
    shown.put("oneMoreReplica", outcome(cases, regions, routers, CacheAdvice::oneMore));
    if (regions.getFirst().cacheTokens() > 0) {
      shown.put("twiceTheCache", outcome(cases, regions, routers, CacheAdvice::twice));
    }
    return shown;
  }

  private static Map<String, Object> outcome(
      List<Replay.Case> cases,
      List<RegionFleet> regions,
      int routers,
      UnaryOperator<RegionFleet> change) {
    List<RegionFleet> changed = new ArrayList<>(regions);
    changed.set(0, change.apply(regions.getFirst()));
    return Impact.shown(Replay.outcome(cases, changed, routers));
  }

  private static RegionFleet oneMore(RegionFleet own) {
    return new RegionFleet(
        own.region(),
        own.roundTripMs(),
        own.model(),
        own.replicas() + 1,
        own.msPerToken(),
        own.cacheTokens());
  }

  private static RegionFleet twice(RegionFleet own) {
    return new RegionFleet(
        own.region(),
        own.roundTripMs(),
        own.model(),
        own.replicas(),
        own.msPerToken(),
        2 * own.cacheTokens());
  }
}
