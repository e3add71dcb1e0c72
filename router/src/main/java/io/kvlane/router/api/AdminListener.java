package io.kvlane.router.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listener for operators: {@code /metrics}, {@code /health}, {@code /ready}. */
final class AdminListener {
  private static final Logger log = LoggerFactory.getLogger(AdminListener.class);

  private final Vertx vertx;
  private final Shared shared;
  private final MeterRegistry registry;
  private final HttpServer server;

  AdminListener(Vertx vertx, Shared shared, MeterRegistry registry) {
    this.vertx = vertx;
    this.shared = shared;
    this.registry = registry;
    this.server = vertx.createHttpServer().requestHandler(this::handle);
  }

  Future<HttpServer> start() {
    var address = shared.config().admin();
    return server.listen(address.port(), address.host());
  }

  int actualPort() {
    return server.actualPort();
  }

  Future<Void> stop() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    try {
      switch (request.path()) {
        case "/health" -> Probes.health(request);
        case "/ready" -> Probes.ready(request, shared.ready());
        case "/metrics" -> metrics(request);
        case null, default ->
            Probes.json(request, 404, ErrorShape.OPENAI.body(ApiError.noSuchPath(), "admin"));
      }
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  private void metrics(HttpServerRequest request) {
    vertx
        .executeBlocking(
            () -> registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "")
        .onSuccess(
            text ->
                request
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4")
                    .end(Buffer.buffer(text)))
        .onFailure(e -> failed(request, e));
  }

  private static void failed(HttpServerRequest request, Throwable e) {
    log.error("The admin listener failed", e);
    Probes.json(request, 500, ErrorShape.OPENAI.body(ApiError.internal(), "admin"));
  }
}
