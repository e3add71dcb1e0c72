package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks other regions' routers what the caller may know there: they check his key themselves. Who is
 * asked so asks nobody else. Safe for any thread.
 */
final class OtherRegions {
  private static final Logger log = LoggerFactory.getLogger(OtherRegions.class);
  private static final long LIMIT_MILLIS = 2_000;

  private final Vertx vertx;
  private final RegionInsight insight;

  OtherRegions(Vertx vertx, RegionInsight insight) {
    this.vertx = vertx;
    this.insight = insight;
  }

  Set<String> names() {
    return insight.names().get();
  }

  /** Whether the caller asks, not another region for him. */
  static boolean isFirst(ApiCall call) {
    return !call.headers().contains(AdminApi.HOPS);
  }

  /**
   * Asks a region. Completes on the calling context: empty if it knows of nothing; fails if it does
   * not tell in time.
   *
   * @param line path and query
   */
  Future<Optional<JsonNode>> get(ApiCall call, String region, String line) {
    Remote remote = insight.others().apply(region);
    if (remote == null) {
      return Future.failedFuture("there is no way to region " + region);
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("Authorization", call.headers().getAll("Authorization"));
    headers.set(AdminApi.HOPS, "2");
    var ask = new Remote.Ask("GET", line, headers, Buffer.buffer());
    Future<Remote.Reply> asked = remote.send(ask).timeout(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    return Future.fromCompletionStage(asked.toCompletionStage(), vertx.getOrCreateContext())
        .compose(
            reply ->
                switch (reply.status()) {
                  case 200 -> Future.succeededFuture(Optional.of(Json.parse(reply.body())));
                  case 404 -> Future.succeededFuture(Optional.<JsonNode>empty());
                  default -> Future.<Optional<JsonNode>>failedFuture("status " + reply.status());
                })
        .onFailure(e -> log.info("Region {} does not tell: {}", region, e.toString()));
  }
}
