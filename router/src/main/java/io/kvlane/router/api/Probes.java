package io.kvlane.router.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Short answers that the router gives itself. */
final class Probes {
  private Probes() {}

  static Future<Void> json(HttpServerRequest request, int status, Buffer body) {
    return request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, Headers.JSON)
        .end(body);
  }

  /** The process lives. */
  static void health(HttpServerRequest request) {
    json(request, 200, Buffer.buffer("{\"status\":\"ok\"}"));
  }

  /** Whether requests should be sent here. */
  static void ready(HttpServerRequest request, boolean ready) {
    String status = ready ? "{\"status\":\"ready\"}" : "{\"status\":\"not ready\"}";
    json(request, ready ? 200 : 503, Buffer.buffer(status));
  }
}
