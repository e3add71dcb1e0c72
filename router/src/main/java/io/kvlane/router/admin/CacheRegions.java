package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.telemetry.cache.Question;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What caches brought to the requests of each region's clients, and what went from one region to
 * another. Other regions are asked; of one that does not tell, only the way to it is shown.
 */
final class CacheRegions {
  private final CacheService cache;
  private final String region;
  private final @Nullable Operations operations;
  private final OtherRegions others;

  /**
   * @param operations null if nothing is known of other regions
   */
  CacheRegions(
      CacheService cache, String region, @Nullable Operations operations, OtherRegions others) {
    this.cache = cache;
    this.region = region;
    this.operations = operations;
    this.others = others;
  }

  /** {@code GET /cache/regions}. */
  Future<ApiAnswer> list(ApiCall call) {
    return of(call).map(ApiAnswer::ok);
  }

  /** The same, to be told with something else. */
  Future<Map<String, Object>> of(ApiCall call) {
    List<Operations.RegionReport> reports = operations == null ? List.of() : operations.regions();
    Map<String, JsonNode> summaries = new HashMap<>();
    List<Future<?>> asked = new ArrayList<>();
    asked.add(
        cache
            .summary(call, Question.By.REGION)
            .onSuccess(own -> summaries.put(region, Json.tree(own))));
    for (Operations.RegionReport report : reports) {
      if (!report.local() && report.reachable() && OtherRegions.isFirst(call)) {
        String line = "/admin/v1/cache/summary?groupBy=region&window=" + window(call);
        asked.add(
            others
                .get(call, report.id(), line)
                .onSuccess(told -> told.ifPresent(sum -> summaries.put(report.id(), sum))));
      }
    }
    return Future.join(asked).transform(done -> Future.succeededFuture(shown(reports, summaries)));
  }

  private static String window(ApiCall call) {
    return call.query().getOrDefault("window", "15m");
  }

  private Map<String, Object> shown(
      List<Operations.RegionReport> reports, Map<String, JsonNode> summaries) {
    List<Map<String, Object>> regions = new ArrayList<>();
    List<Map<String, Object>> flows = new ArrayList<>();
    for (Operations.RegionReport report : reports) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("region", report.id());
      shown.put("own", report.local());
      shown.put("reachable", report.reachable());
      shown.put("roundTripMs", report.roundTripMs());
      shown.put("healthyReplicas", report.healthyReplicas());
      if (report.digestAgeSeconds() >= 0) {
        shown.put("digestAgeSeconds", report.digestAgeSeconds());
      }
      JsonNode summary = summaries.get(report.id());
      if (summary != null) {
        sum(shown, summary);
        flows(flows, report.id(), summary);
      }
      regions.add(shown);
    }
    return Map.of("regions", regions, "flows", flows);
  }

  private static void sum(Map<String, Object> shown, JsonNode summary) {
    long requests = 0;
    long prompt = 0;
    long reported = 0;
    for (JsonNode group : summary.path("groups")) {
      requests += group.path("requests").asLong();
      prompt += group.path("promptTokens").asLong();
      reported += group.path("reportedTokens").asLong();
    }
    shown.put("requests", requests);
    if (prompt > 0) {
      shown.put("hitRatioReported", (double) reported / prompt);
    }
  }

  private static void flows(List<Map<String, Object>> flows, String from, JsonNode summary) {
    for (JsonNode group : summary.path("groups")) {
      String to = group.path("key").asText();
      if (!to.equals(from)) {
        flows.add(
            Map.of(
                "from",
                from,
                "to",
                to,
                "requests",
                group.path("requests").asLong(),
                "tokens",
                group.path("promptTokens").asLong()));
      }
    }
  }
}
