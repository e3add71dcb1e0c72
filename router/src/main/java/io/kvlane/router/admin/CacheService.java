package io.kvlane.router.admin;

import io.kvlane.router.routing.Operations;
import io.kvlane.router.telemetry.cache.Caches;
import io.kvlane.router.telemetry.cache.Question;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What caches brought to this region's requests, from its routers alone. A key that is for some
 * tenants sees what they brought to these.
 */
final class CacheService {
  private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(6);
  private static final Set<String> OF_REPLICA =
      Set.of("requests", "hitRatioReported", "savedTokens");
  private static final Map<Character, TimeUnit> UNITS =
      Map.of('s', TimeUnit.SECONDS, 'm', TimeUnit.MINUTES, 'h', TimeUnit.HOURS);

  private final Vertx vertx;
  private final String region;
  private final Caches caches;
  private final @Nullable Operations operations;
  private final InstantSource clock;

  /**
   * @param operations null if nothing is known of replicas
   */
  CacheService(
      Vertx vertx,
      String region,
      Caches caches,
      @Nullable Operations operations,
      InstantSource clock) {
    this.vertx = vertx;
    this.region = region;
    this.caches = caches;
    this.operations = operations;
    this.clock = clock;
  }

  /** {@code GET /cache/summary}. */
  Future<ApiAnswer> summary(ApiCall call) {
    return summary(call, by(call)).map(ApiAnswer::ok);
  }

  /** The same, put together otherwise. */
  Future<Map<String, Object>> summary(ApiCall call, Question.By by) {
    Question question = question(call, 0, by);
    return of(caches.report(question))
        .map(
            known -> {
              Map<String, Object> shown = shown(question, known);
              shown.put("groups", known.all().groups());
              return shown;
            });
  }

  /** {@code GET /cache/series}. */
  Future<ApiAnswer> series(ApiCall call) {
    long step = millis("step", call.query().getOrDefault("step", "1m"));
    Question question = question(call, step, by(call));
    return of(caches.report(question))
        .map(
            known -> {
              Map<String, Object> shown = shown(question, known);
              shown.put("stepSeconds", TimeUnit.MILLISECONDS.toSeconds(step));
              shown.put("series", known.all().series());
              return ApiAnswer.ok(shown);
            });
  }

  /** {@code GET /cache/replicas}: the coldest first. */
  Future<ApiAnswer> replicas(ApiCall call) {
    return of(caches.report(question(call, 0, Question.By.REPLICA)))
        .map(
            known -> {
              Map<String, Map<String, Object>> groups = new HashMap<>();
              known.all().groups().forEach(g -> groups.put(String.valueOf(g.get("key")), g));
              List<Map<String, Object>> shown = new ArrayList<>();
              for (Operations.ReplicaReport report : reports()) {
                shown.add(replica(report, groups.get(report.id())));
              }
              shown.sort(Comparator.comparingDouble(CacheService::warmth));
              return ApiAnswer.ok(Map.of("replicas", shown));
            });
  }

  private List<Operations.ReplicaReport> reports() {
    return operations == null ? List.of() : operations.replicas();
  }

  private static double warmth(Map<String, Object> replica) {
    return replica.get("hitRatioReported") instanceof Double ratio ? ratio : -1;
  }

  private Map<String, Object> replica(
      Operations.ReplicaReport report, @Nullable Map<String, Object> group) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", report.id());
    shown.put("region", region);
    shown.put("model", report.models().isEmpty() ? "" : report.models().getFirst());
    shown.put("healthy", report.healthy());
    shown.put("drain", report.service().action());
    shown.put("requestsInFlight", report.requests());
    shown.put("waitingMs", report.waitingMs());
    shown.put("epoch", report.cache().epoch());
    shown.put("blocks", report.cache().blocks());
    shown.put("evictedBlocks", report.cache().evictedBlocks());
    shown.put("tokens", report.cache().tokens());
    shown.put("capacityTokens", report.cache().capacityTokens());
    shown.put("fillRatio", report.cache().fillRatio());
    if (group != null) {
      group.forEach(
          (name, value) -> {
            if (OF_REPLICA.contains(name)) {
              shown.put(name, value);
            }
          });
    }
    return shown;
  }

  /** {@code GET /cache/prefixes}: the hottest first. */
  Future<ApiAnswer> prefixes(ApiCall call) {
    Question question = question(call, 0, Question.By.NONE);
    long step = Caches.prefixStepMillis();
    long from = question.fromMillis() - Math.floorMod(question.fromMillis(), step);
    int limit = Integer.parseInt(call.query().getOrDefault("limit", "20"));
    return of(caches.hottest(from, question.model(), question.tenants(), limit))
        .map(
            known -> {
              Map<String, Object> shown = new LinkedHashMap<>();
              shown.put("from", Instant.ofEpochMilli(from).toString());
              shown.put("routers", known.routers());
              shown.put("missing", known.silent());
              shown.put("prefixes", known.all().stream().map(this::prefix).toList());
              shown.put("duplicateShare", operations == null ? 0 : operations.duplicates());
              return ApiAnswer.ok(shown);
            });
  }

  private Map<String, Object> prefix(Caches.Prefix prefix) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("prefix", String.format("%016x", prefix.key()));
    shown.put("model", prefix.model());
    shown.put("tenant", prefix.tenant());
    shown.put("depthTokens", prefix.depthTokens());
    shown.put("requests", prefix.requests());
    shown.put("savedTokens", prefix.savedTokens());
    shown.put("replicas", operations == null ? 0 : operations.holders(prefix.key()));
    return shown;
  }

  private static Map<String, Object> shown(Question question, Caches.Known<?> known) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("from", Instant.ofEpochMilli(question.fromMillis()).toString());
    shown.put("to", Instant.ofEpochMilli(question.toMillis()).toString());
    shown.put("routers", known.routers());
    shown.put("missing", known.silent());
    return shown;
  }

  private static Question.By by(ApiCall call) {
    return Question.By.valueOf(
        call.query().getOrDefault("groupBy", "none").toUpperCase(Locale.ROOT));
  }

  /** What is asked for, with what the caller may see. */
  private Question question(ApiCall call, long stepMillis, Question.By by) {
    long now = clock.millis();
    Long until = call.time("until");
    // The present request's step is part of it.
    long to = until == null ? now + 1 : Math.min(now + 1, until);
    long window = millis("window", call.query().getOrDefault("window", "15m"));
    if (window > LONGEST_MILLIS) {
      throw bad("window: at most 6h.");
    }
    long from = to - window;
    long kept = Question.kept(from, now);
    if (stepMillis % kept != 0) {
      throw bad("step: a multiple of " + (kept / 1_000) + "s in that time.");
    }
    Set<String> tenants = call.caller().tenants();
    String tenant = call.query().getOrDefault("tenant", "");
    if (!tenant.isEmpty()) {
      if (call.caller().scoped() && !tenants.contains(tenant)) {
        throw ApiProblem.notFound();
      }
      tenants = Set.of(tenant);
    }
    String model = call.query().getOrDefault("model", "");
    return Question.of(from, to, stepMillis, by, model, tenants, now);
  }

  /** Like {@code 15m}; the description has checked its form. */
  private static long millis(String name, String text) {
    TimeUnit unit = UNITS.get(text.charAt(text.length() - 1));
    long amount = Long.parseLong(text.substring(0, text.length() - 1));
    if (unit == null || amount == 0) {
      throw bad(name + ": like 30s, 15m or 6h.");
    }
    return unit.toMillis(amount);
  }

  private static ApiProblem bad(String what) {
    return ApiProblem.of(400, "bad-parameter", what);
  }

  private <T> Future<T> of(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
  }
}
