package io.kvlane.router.admin;

import static java.util.Objects.requireNonNull;

import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PoolSpec;
import io.kvlane.router.policy.ResourceKey;
import io.kvlane.router.routing.OperationException;
import io.kvlane.router.routing.Operations;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replicas, pools and regions as they are seen, and what can be ordered for them. */
final class OrderService {
  private static final Logger log = LoggerFactory.getLogger(OrderService.class);

  /** How long the region's cluster may take to keep an order. */
  private static final long LIMIT_SECONDS = 5;

  private final String region;
  private final Policies policies;
  private final @Nullable Operations operations;
  private final Notes notes;

  /**
   * @param operations null if there is nothing to operate
   * @param notes told of orders that were given
   */
  OrderService(String region, Policies policies, @Nullable Operations operations, Notes notes) {
    this.region = region;
    this.policies = policies;
    this.operations = operations;
    this.notes = notes;
  }

  /** {@code GET /replicas} and {@code GET /regions}. */
  ApiAnswer list(Kind kind) {
    return ApiAnswer.ok(Map.of(kind.name().toLowerCase(Locale.ROOT) + 's', all(kind)));
  }

  /** {@code GET /replicas/ID} and {@code GET /regions/ID}. */
  ApiAnswer get(ApiCall call, Kind kind) {
    return ApiAnswer.ok(one(kind, call.id()));
  }

  /** {@code POST /KIND/ID:drain}, {@code :evacuate} and {@code :resume}. */
  Future<ApiAnswer> give(ApiCall call, Kind kind) {
    call.requireUnscoped();
    if (!call.caller().mayOrderIn(region)) {
      throw ApiProblem.of(403, "forbidden", "This key is for other regions.");
    }
    Operations known = operations;
    if (known == null) {
      throw ApiProblem.notFound();
    }
    Action action =
        Action.valueOf(requireNonNull(call.path().get("action")).toUpperCase(Locale.ROOT));
    String name = kind == Kind.POOL ? model(call.id()) : call.id();
    return known
        .give(kind, name, action)
        .timeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .onFailure(
            e -> {
              if (!(e instanceof OperationException)) {
                notes.unknown(call);
              }
            })
        .map(
            given -> {
              log.info("Key {} has ordered for {} {}: {}", call.caller().id(), kind, name, action);
              notes.done(call);
              return ApiAnswer.ok(one(kind, name));
            });
  }

  /** Of a pool's name the model that it is for; other names are models themselves. */
  private String model(String id) {
    ResourceKey key = new ResourceKey(io.kvlane.router.policy.Kind.POOL, id);
    Content.Item item = policies.state().content().get(key);
    return item != null && item.resource() instanceof PoolSpec pool ? pool.model() : id;
  }

  private List<? extends Operations.Report> all(Kind kind) {
    Operations known = operations;
    if (known == null) {
      return List.of();
    }
    return switch (kind) {
      case REPLICA -> known.replicas();
      case POOL -> known.pools();
      case REGION -> known.regions();
    };
  }

  private Operations.Report one(Kind kind, String name) {
    return all(kind).stream()
        .filter(report -> report.id().equals(name))
        .findFirst()
        .orElseThrow(ApiProblem::notFound);
  }
}
