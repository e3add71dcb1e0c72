package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What requests were decided by, and what became of them. A key that is for some tenants sees
 * theirs; others' are as if they had never been.
 */
final class DecisionService {
  private static final long TAIL_MILLIS = 250;

  private final Vertx vertx;
  private final String region;
  private final Evidence evidence;
  private final OtherRegions others;
  private final EventStreams tails;

  DecisionService(Vertx vertx, String region, Evidence evidence, OtherRegions others) {
    this.vertx = vertx;
    this.region = region;
    this.evidence = evidence;
    this.others = others;
    this.tails = new EventStreams(vertx, "decisions as they end", TAIL_MILLIS);
  }

  /** {@code GET /decisions}. */
  Future<ApiAnswer> list(ApiCall call) {
    int size = Integer.parseInt(call.query().getOrDefault("pageSize", "50"));
    Query query = query(call, before(call));
    return of(evidence.list(query, size + 1))
        .map(
            found -> {
              Map<String, Object> page =
                  new HashMap<>(
                      Pages.page("decisions", found.entries(), size, DecisionService::token));
              page.put("partial", !found.silent().isEmpty());
              page.put("silentRouters", found.silent());
              return ApiAnswer.ok(page);
            });
  }

  /** {@code GET /decisions:tail}. */
  Future<ApiAnswer> tail(ApiCall call) {
    return Future.succeededFuture(
        tails.begin(new DecisionTail(vertx, evidence, query(call, null))));
  }

  /** {@code GET /decisions/ID}: of this region, and of those that have to do with it. */
  Future<ApiAnswer> get(ApiCall call) {
    return of(evidence.list(Query.of(call.id(), call.caller().tenants()), 100))
        .compose(found -> completed(call, found));
  }

  private Future<ApiAnswer> completed(ApiCall call, Evidence.Found found) {
    if (found.entries().isEmpty()) {
      return Future.failedFuture(
          found.silent().isEmpty()
              ? ApiProblem.notFound()
              : ApiProblem.of(
                  503,
                  "region-incomplete",
                  "No router that answered knows it; silent: " + found.silent() + '.'));
    }
    Set<String> related = new TreeSet<>();
    for (JsonNode entry : found.entries()) {
      for (JsonNode attempt : entry.path("attempts")) {
        if (attempt.path("hop").asBoolean()) {
          related.add(attempt.path("region").asText());
        }
      }
      if (entry.path("forwarded").asBoolean()) {
        related.addAll(others.names());
      }
    }
    related.remove(region);
    List<JsonNode> entries = new ArrayList<>(found.entries());
    List<String> unasked = new ArrayList<>();
    boolean first = OtherRegions.isFirst(call);
    List<Future<Void>> asked =
        related.stream().filter(name -> first).map(r -> ask(call, r, entries, unasked)).toList();
    return Future.join(asked)
        .otherwiseEmpty()
        .map(
            done ->
                ApiAnswer.ok(
                    Map.of(
                        "requestId", call.id(),
                        "decisions", entries,
                        "partial", !found.silent().isEmpty(),
                        "silentRouters", found.silent(),
                        "askRegions", unasked)));
  }

  /** Adds what a router of that region says; what cannot be had is named. One thread. */
  private Future<Void> ask(
      ApiCall call, String other, List<JsonNode> entries, List<String> unasked) {
    String id = URLEncoder.encode(call.id(), StandardCharsets.UTF_8).replace("+", "%20");
    return others
        .get(call, other, "/admin/v1/decisions/" + id)
        .<Void>map(
            found -> {
              found.ifPresent(told -> told.path("decisions").forEach(entries::add));
              return null;
            })
        .recover(
            e -> {
              unasked.add(other);
              return Future.succeededFuture();
            });
  }

  private static Query query(ApiCall call, Query.@Nullable Mark before) {
    Map<String, String> query = call.query();
    Long since = call.time("since");
    return new Query(
        query.getOrDefault("requestId", ""),
        call.caller().tenants(),
        query.getOrDefault("model", ""),
        query.getOrDefault("tenant", ""),
        query.getOrDefault("replica", ""),
        query.getOrDefault("region", ""),
        query.getOrDefault("decision", ""),
        query.getOrDefault("policy", ""),
        query.getOrDefault("status", ""),
        query.getOrDefault("error", ""),
        Double.parseDouble(query.getOrDefault("minTtftMs", "0")),
        since == null ? 0 : since,
        before);
  }

  private static String token(JsonNode entry) {
    Query.Mark mark = Evidence.mark(entry);
    return mark.arrivedMillis() + " " + mark.number() + ' ' + mark.router();
  }

  private static Query.@Nullable Mark before(ApiCall call) {
    String token = Pages.mark(call, "");
    if (token.isEmpty()) {
      return null;
    }
    String[] parts = token.split(" ", 3);
    try {
      return new Query.Mark(Long.parseLong(parts[0]), parts[2], Long.parseLong(parts[1]));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw Pages.bad();
    }
  }

  private <T> Future<T> of(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
  }
}
