package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.routing.Operations;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds to pools what this router sees of them, as {@code status}. That is no part of the resource:
 * it cannot be written, and ETags do not know of it. A model that no pool is for is shown all the
 * same, under its own name.
 */
final class PoolStatus {
  private final @Nullable Operations operations;

  PoolStatus(@Nullable Operations operations) {
    this.operations = operations;
  }

  /** The same answer, if it is about pools with what is seen of them. */
  Future<ApiAnswer> added(ApiCall call, Future<ApiAnswer> answered) {
    Operations seen = operations;
    if (seen == null) {
      return answered;
    }
    return switch (call.operation().id()) {
      case "getPool" ->
          answered
              .map(answer -> one(call, answer, seen))
              .recover(e -> ApiProblem.of(e).status() == 404 ? unnamed(call, seen) : failed(e));
      case "listPools" -> answered.map(answer -> all(call, answer, seen));
      default -> answered;
    };
  }

  private static Future<ApiAnswer> failed(Throwable e) {
    return Future.failedFuture(e);
  }

  private static ApiAnswer one(ApiCall call, ApiAnswer answer, Operations seen) {
    if (answer.status() == 404) {
      return report(seen, call.id()).map(r -> ApiAnswer.ok(shown(r))).orElse(answer);
    }
    if (answer.status() == 200) {
      ObjectNode pool = (ObjectNode) Json.parse(answer.body());
      add(pool, seen);
      return answer.with(pool);
    }
    return answer;
  }

  private static Future<ApiAnswer> unnamed(ApiCall call, Operations seen) {
    return report(seen, call.id())
        .map(report -> Future.succeededFuture(ApiAnswer.ok(shown(report))))
        .orElseGet(() -> Future.failedFuture(ApiProblem.notFound()));
  }

  private static ApiAnswer all(ApiCall call, ApiAnswer answer, Operations seen) {
    if (answer.status() != 200) {
      return answer;
    }
    ObjectNode page = (ObjectNode) Json.parse(answer.body());
    ArrayNode pools = (ArrayNode) page.get("pools");
    pools.forEach(pool -> add((ObjectNode) pool, seen));
    boolean whole = page.path("nextPageToken").asText().isEmpty();
    if (whole && !call.query().containsKey("filter") && !call.query().containsKey("pageToken")) {
      List<String> named = pools.findValuesAsText("model");
      for (Operations.PoolReport report : seen.pools()) {
        if (!named.contains(report.id())) {
          pools.add(shown(report));
        }
      }
    }
    return answer.with(page);
  }

  private static Optional<Operations.PoolReport> report(Operations seen, String model) {
    return seen.pools().stream().filter(report -> report.id().equals(model)).findFirst();
  }

  private static void add(ObjectNode pool, Operations seen) {
    report(seen, pool.path("model").asText()).ifPresent(r -> pool.set("status", status(r)));
  }

  private static ObjectNode shown(Operations.PoolReport report) {
    ObjectNode pool = JsonNodeFactory.instance.objectNode();
    pool.put("id", report.id()).put("model", report.id()).set("status", status(report));
    return pool;
  }

  private static JsonNode status(Operations.PoolReport report) {
    ObjectNode status = (ObjectNode) Json.tree(report);
    status.remove("id");
    return status;
  }
}
