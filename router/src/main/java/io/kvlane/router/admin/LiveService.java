package io.kvlane.router.admin;

import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Resolution;
import io.kvlane.router.policy.ResourceKey;
import io.kvlane.router.policy.RouteFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What this router does now; answered without the store. */
final class LiveService {
  private static final String HEADER = "header.";

  private final String region;
  private final Policies policies;

  LiveService(String region, Policies policies) {
    this.region = region;
    this.policies = policies;
  }

  /** {@code GET /policies:resolve}. */
  ApiAnswer resolve(ApiCall call) {
    Map<String, String> query = call.query();
    String tenant = query.getOrDefault("tenant", "");
    ApiKey caller = call.caller();
    if (caller.scoped() && !caller.tenants().contains(tenant)) {
      throw ApiProblem.notFound();
    }
    Map<String, String> headers = new HashMap<>();
    query.forEach(
        (name, value) -> {
          if (name.startsWith(HEADER)) {
            headers.put(name.substring(HEADER.length()).toLowerCase(Locale.ROOT), value);
          }
        });
    String route = query.getOrDefault("route", "/v1/chat/completions");
    var facts = new RouteFacts(query.getOrDefault("model", ""), tenant, route, headers::get);
    Resolution resolution = policies.current().resolve(facts);
    List<Resolution.Step> steps = new ArrayList<>();
    for (Resolution.Step step : resolution.steps()) {
      boolean own = call.mayKnow(new ResourceKey(Kind.POLICY, step.policy()), null);
      if (own || step.why().equals("matched")) {
        steps.add(step);
      }
    }
    return ApiAnswer.ok(
        Map.of(
            "policy", resolution.policy(),
            "revision", resolution.revision(),
            "consistency", resolution.policy().consistency(),
            "steps", steps));
  }

  /** {@code GET /status}. */
  ApiAnswer status() {
    Policies.Status status = policies.status();
    return ApiAnswer.ok(
        Map.of(
            "region", region,
            "revision", status.revision(),
            "refusedRevision", status.refused(),
            "configAgeSeconds", status.configAge().toSeconds(),
            "problem", status.problem()));
  }
}
