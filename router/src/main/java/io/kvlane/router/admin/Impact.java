package io.kvlane.router.admin;

import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.PolicySnapshot;
import io.kvlane.router.policy.TenantSpec;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Recorded;
import io.kvlane.simulator.whatif.Report;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a change of the policies would have made of the last hour's requests (ADM-5): exactly, which
 * policy each would get and whether it would be refused; and by simulation where they would go,
 * what they would find cached, and how long they would wait. Safe for any thread.
 */
final class Impact {
  private static final int MOST_EXAMPLES = 10;

  private final LastHour last;
  private final @Nullable Operations operations;

  /**
   * @param operations null if it is not known what serves requests
   */
  Impact(LastHour last, @Nullable Operations operations) {
    this.last = last;
    this.operations = operations;
  }

  /** How it stands with a request under one revision. */
  private record Standing(Policy policy, @Nullable Set<String> regions, boolean refused) {}

  /**
   * What the change would do. Takes up to three seconds.
   *
   * @param tenants whose requests are looked at; empty for all
   */
  Map<String, Object> of(Content before, Content after, Set<String> tenants) {
    long since = last.since();
    Evidence.Recording recording = last.requests(since, tenants);
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
    int routers = recording.routers().size();
    LastHour.Simulated simulated =
        served.isEmpty()
            ? LastHour.Simulated.none("no request that is served under both is affected")
            : last.simulate(
                served,
                fleet,
                (model, cases, regions) -> shown(model, Replay.compare(cases, regions, routers)));
    impact.put("models", simulated.models());
    impact.put("simulation", simulated.word());
    return impact;
  }

  private static Optional<Standing> standing(
      Recorded request, PolicySnapshot policies, List<RegionFleet> fleet) {
    return policies
        .policy(request.model(), request.tenant(), request.path(), request.headers())
        .map(policy -> standing(request, policies, policy, fleet));
  }

  private static Standing standing(
      Recorded request, PolicySnapshot policies, Policy policy, List<RegionFleet> fleet) {
    Set<String> regions = regions(request, policies, policy);
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

  /** Where a request may be served; null for anywhere. */
  static @Nullable Set<String> regions(Recorded request, PolicySnapshot policies, Policy policy) {
    return Policy.Residency.narrowed(
        Policy.Residency.narrowed(request.regions(), policy.residency().allowedRegions()),
        policies.tenant(request.tenant()).map(TenantSpec::allowedRegions).orElse(List.of()));
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

  private static Map<String, Object> shown(String model, Report report) {
    return Map.of(
        "model", model,
        "requests", report.requests(),
        "routedDifferently", report.changed(),
        "before", shown(report.before()),
        "after", shown(report.after()));
  }

  static Map<String, Object> shown(Report.Outcome outcome) {
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
