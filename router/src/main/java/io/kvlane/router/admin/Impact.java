package io.kvlane.router.admin;

import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.PolicySnapshot;
import io.kvlane.router.policy.TenantSpec;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import io.kvlane.router.telemetry.evidence.Recorded;
import io.kvlane.simulator.whatif.Report;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a change of the policies would have made of the last hour's requests (ADM-5): exactly, which
 * policy each would get and whether it would be refused; and by simulation where they would go,
 * what they would find cached, and how long they would wait. Safe for any thread.
 */
final class Impact {
  private static final Logger log = LoggerFactory.getLogger(Impact.class);
  private static final long LAST_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final int MOST_OF_A_ROUTER = 1_000;
  private static final int MOST_SIMULATED = 1_000;
  private static final int MOST_EXAMPLES = 10;
  private static final long LIMIT_MILLIS = 2_000;

  private final Evidence evidence;
  private final @Nullable Operations operations;
  private final InstantSource clock;

  /** A simulation cannot be broken off, so that no second one begins while one is late. */
  private final Semaphore simulating = new Semaphore(1);

  /**
   * @param operations null if it is not known what serves requests
   */
  Impact(Evidence evidence, @Nullable Operations operations, InstantSource clock) {
    this.evidence = evidence;
    this.operations = operations;
    this.clock = clock;
  }

  /** How it stands with a request under one revision. */
  private record Standing(Policy policy, @Nullable Set<String> regions, boolean refused) {}

  /**
   * What the change would do. Takes up to three seconds.
   *
   * @param tenants whose requests are looked at; empty for all
   */
  Map<String, Object> of(Content before, Content after, Set<String> tenants) {
    long since = clock.millis() - LAST_MILLIS;
    Evidence.Recording recording = recorded(since, tenants);
    List<RegionFleet> fleet = operations == null ? List.of() : operations.fleet();
    PolicySnapshot then = PolicySnapshot.of(before);
    PolicySnapshot next = PolicySnapshot.of(after);
    int undecided = 0;
    int affected = 0;
    int refusedBefore = 0;
    int refusedAfter = 0;
    int newlyRefused = 0;
    int newlyServed = 0;
    List<Map<String, Object>> examples = new ArrayList<>();
    Map<String, List<Replay.Case>> served = new TreeMap<>();
    Set<String> touched = new HashSet<>();
    for (Recorded request : recording.requests()) {
      Standing was = standing(request, then, fleet).orElse(null);
      Standing would = standing(request, next, fleet).orElse(null);
      if (was == null || would == null) {
        undecided++;
        continue;
      }
      boolean differs = !was.equals(would);
      affected += differs ? 1 : 0;
      refusedBefore += was.refused ? 1 : 0;
      refusedAfter += would.refused ? 1 : 0;
      newlyRefused += would.refused && !was.refused ? 1 : 0;
      newlyServed += was.refused && !would.refused ? 1 : 0;
      if (differs) {
        touched.add(request.model());
        if (examples.size() < MOST_EXAMPLES) {
          examples.add(example(request, was, would));
        }
      }
      if (!was.refused && !would.refused) {
        served
            .computeIfAbsent(request.model(), model -> new ArrayList<>())
            .add(new Replay.Case(request, was.policy, was.regions, would.policy, would.regions));
      }
    }
    served.keySet().retainAll(touched); // of the others nothing changes
    Map<String, Object> impact = new LinkedHashMap<>();
    impact.put("since", Instant.ofEpochMilli(since).toString());
    impact.put("requests", recording.requests().size());
    impact.put("routers", recording.routers());
    impact.put("silentRouters", recording.silent());
    impact.put("undecided", undecided);
    impact.put("affected", affected);
    impact.put("refusedBefore", refusedBefore);
    impact.put("refusedAfter", refusedAfter);
    impact.put("newlyRefused", newlyRefused);
    impact.put("newlyServed", newlyServed);
    impact.put("examples", examples);
    simulate(impact, served, fleet, recording.routers().size());
    return impact;
  }

  private Evidence.Recording recorded(long since, Set<String> tenants) {
    Query all = Query.ALL;
    Query query = new Query("", tenants, "", "", "", "", "", "", "", "", 0, since, all.before());
    try {
      return evidence.recorded(query, MOST_OF_A_ROUTER).get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("No recorded requests were found", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Evidence.Recording(List.of(), List.of(), List.of());
  }

  private static Optional<Standing> standing(
      Recorded request, PolicySnapshot policies, List<RegionFleet> fleet) {
    return policies
        .policy(request.model(), request.tenant(), request.path(), request.headers())
        .map(policy -> standing(request, policies, policy, fleet));
  }

  private static Standing standing(
      Recorded request, PolicySnapshot policies, Policy policy, List<RegionFleet> fleet) {
    Set<String> regions =
        Policy.Residency.narrowed(
            Policy.Residency.narrowed(request.regions(), policy.residency().allowedRegions()),
            policies.tenant(request.tenant()).map(TenantSpec::allowedRegions).orElse(List.of()));
    boolean refused =
        regions != null
            && (fleet.isEmpty()
                ? regions.isEmpty()
                : fleet.stream()
                    .noneMatch(
                        one ->
                            one.model().equals(request.model())
                                && one.replicas() > 0
                                && regions.contains(one.region())));
    return new Standing(policy, regions, refused);
  }

  private static Map<String, Object> example(Recorded request, Standing was, Standing would) {
    return Map.of(
        "requestId", request.requestId(),
        "router", request.router(),
        "policyBefore", was.policy.id(),
        "policyAfter", would.policy.id(),
        "refusedBefore", was.refused,
        "refusedAfter", would.refused);
  }

  private void simulate(
      Map<String, Object> impact,
      Map<String, List<Replay.Case>> served,
      List<RegionFleet> fleet,
      int routers) {
    impact.put("models", List.of());
    if (served.isEmpty()) {
      impact.put("simulation", "none: no request that is served under both is affected");
      return;
    }
    if (!simulating.tryAcquire()) {
      impact.put("simulation", "none: another one is under way");
      return;
    }
    var task =
        new FutureTask<>(
            () -> {
              try {
                return simulated(served, fleet, routers);
              } finally {
                simulating.release();
              }
            });
    Thread.ofPlatform().daemon().name("kvlane-impact").start(task);
    try {
      List<Map<String, Object>> models = task.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
      impact.put("models", models);
      impact.put(
          "simulation",
          models.isEmpty() ? "none: nothing in this region serves these requests" : "done");
    } catch (TimeoutException e) {
      impact.put("simulation", "none: it took too long");
    } catch (ExecutionException e) {
      log.error("The impact could not be simulated", e);
      impact.put("simulation", "none: it failed; the router's log says why");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      impact.put("simulation", "none: it was broken off");
    }
  }

  private static List<Map<String, Object>> simulated(
      Map<String, List<Replay.Case>> served, List<RegionFleet> fleet, int routers) {
    List<Map<String, Object>> models = new ArrayList<>();
    int left = MOST_SIMULATED;
    for (Map.Entry<String, List<Replay.Case>> entry : served.entrySet()) {
      List<RegionFleet> regions =
          fleet.stream().filter(f -> f.model().equals(entry.getKey()) && f.replicas() > 0).toList();
      boolean here = !regions.isEmpty() && regions.getFirst().roundTripMs() == 0;
      List<Replay.Case> cases = entry.getValue();
      if (!here || left == 0) {
        continue;
      }
      List<Replay.Case> newest =
          cases.stream()
              .sorted(
                  (a, b) -> Long.compare(b.request().arrivedMillis(), a.request().arrivedMillis()))
              .limit(left)
              .toList();
      left -= newest.size();
      models.add(shown(entry.getKey(), Replay.of(newest, regions, routers)));
    }
    return models;
  }

  private static Map<String, Object> shown(String model, Report report) {
    return Map.of(
        "model", model,
        "requests", report.requests(),
        "routedDifferently", report.changed(),
        "before", shown(report.before()),
        "after", shown(report.after()));
  }

  private static Map<String, Object> shown(Report.Outcome outcome) {
    Map<String, Object> shown = new TreeMap<>();
    put(shown, "hitRatio", outcome.hitRatio());
    put(shown, "ttftP50Ms", outcome.ttftP50Ms());
    put(shown, "ttftP95Ms", outcome.ttftP95Ms());
    put(shown, "crossRegionShare", outcome.crossRegionShare());
    shown.put("failed", outcome.failed());
    return shown;
  }

  private static void put(Map<String, Object> shown, String name, double value) {
    if (Double.isFinite(value)) {
      shown.put(name, Math.round(value * 1e4) / 1e4);
    }
  }
}
