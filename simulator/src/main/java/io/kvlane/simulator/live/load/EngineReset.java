package io.kvlane.simulator.live.load;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Empties the caches of engines between runs. An engine refuses while it works, so this asks again
 * for a while; and tells of the clear only with its next step, so this sends it one short request.
 */
final class EngineReset {
  private static final int TRIES = 100;
  private static final long PAUSE_MILLIS = 100;
  private static final long TIMEOUT_MILLIS = 10_000;

  private final Vertx vertx;
  private final HttpClient client;
  private final String model;

  EngineReset(Vertx vertx, HttpClient client, String model) {
    this.vertx = vertx;
    this.client = client;
    this.model = model;
  }

  /** Fails if one engine cannot be emptied. */
  Future<Void> all(List<String> engines) {
    return Future.all(engines.stream().map(engine -> one(engine, TRIES)).toList()).mapEmpty();
  }

  private Future<Void> one(String engine, int tries) {
    return post(engine + "/reset_prefix_cache", Buffer.buffer())
        .compose(
            body -> {
              // Engines before vLLM 0.20 answer with an empty body.
              if (body.length() > 0 && !body.toJsonObject().getBoolean("success", true)) {
                return tries > 1
                    ? vertx.timer(PAUSE_MILLIS).compose(ignored -> one(engine, tries - 1))
                    : Future.failedFuture(engine + " does not empty its cache: it is at work");
              }
              JsonObject tick =
                  new JsonObject().put("model", model).put("prompt", "x").put("max_tokens", 1);
              return post(engine + "/v1/completions", tick.toBuffer()).mapEmpty();
            });
  }

  private Future<Buffer> post(String url, Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(url)
            .setIdleTimeout(TIMEOUT_MILLIS)
            .putHeader("content-type", "application/json");
    return client
        .request(options)
        .compose(request -> request.send(body))
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.body()
                    : Future.failedFuture(url + ": status " + response.statusCode()));
  }
}
