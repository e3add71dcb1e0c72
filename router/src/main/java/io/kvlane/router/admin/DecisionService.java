package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What requests were decided by, and what became of them. A key that is for some tenants sees
 * theirs; others' are as if they had never been.
 */
final class DecisionService {
  private static final Logger log = LoggerFactory.getLogger(DecisionService.class);
  private static final long OTHER_REGION_MILLIS = 2_000;

  private final Vertx vertx;
  private final String region;
  private final RegionEvidence evidence;
  private final DecisionTail tails;

  DecisionService(Vertx vertx, String region, RegionEvidence evidence) {
    this.vertx = vertx;
    this.region = region;
    this.evidence = evidence;
    this.tails = new DecisionTail(vertx, evidence.here());
  }

  /** {@code GET /decisions}. */
  Future<ApiAnswer> list(ApiCall call) {
    int size = Integer.parseInt(call.query().getOrDefault("pageSize", "50"));
    Query query = query(call, before(call));
    return of(evidence.here().list(query, size + 1))
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
    return Future.succeededFuture(tails.begin(query(call, null)));
  }

  /** {@code GET /decisions/ID}: of this region, and of those that have to do with it. */
  Future<ApiAnswer> get(ApiCall call) {
    return of(evidence.here().list(Query.of(call.id(), call.caller().tenants()), 100))
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
        related.addAll(evidence.names().get());
      }
    }
    related.remove(region);
    List<JsonNode> entries = new ArrayList<>(found.entries());
    List<String> unasked = new ArrayList<>();
    boolean first = !call.headers().contains(AdminApi.HOPS);
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
    Remote remote = evidence.others().apply(other);
    if (remote == null) {
      unasked.add(other);
      return Future.succeededFuture();
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("Authorization", call.headers().getAll("Authorization"));
    headers.set(AdminApi.HOPS, "2");
    String id = URLEncoder.encode(call.id(), StandardCharsets.UTF_8).replace("+", "%20");
    var ask = new Remote.Ask("GET", "/admin/v1/decisions/" + id, headers, Buffer.buffer());
    return here(remote.send(ask).timeout(OTHER_REGION_MILLIS, TimeUnit.MILLISECONDS))
        .<Void>map(
            reply -> {
              if (reply.status() == 200) {
                Json.parse(reply.body()).path("decisions").forEach(entries::add);
              } else if (reply.status() != 404) {
                log.info("Region {} does not tell of its decisions: {}", other, reply.status());
                unasked.add(other);
              }
              return null;
            })
        .recover(
            e -> {
              log.info("Region {} does not tell of its decisions: {}", other, e.toString());
              unasked.add(other);
              return Future.succeededFuture();
            });
  }

  private static Query query(ApiCall call, Query.@Nullable Mark before) {
    Map<String, String> query = call.query();
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
        since(query.get("since")),
        before);
  }

  private static long since(@Nullable String text) {
    try {
      return text == null ? 0 : Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw ApiProblem.of(400, "bad-parameter", "since: a time like 2026-01-31T12:00:00Z.");
    }
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

  /** Completes where the request is answered: what is collected there needs no lock. */
  private <T> Future<T> here(Future<T> future) {
    return of(future.toCompletionStage());
  }
}
