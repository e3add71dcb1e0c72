package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kvlane.router.config.RouterConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for operators: {@code /metrics}, {@code /health} and {@code /ready} for everybody,
 * {@code /admin} for those who show a key. Safe for any thread.
 */
public final class AdminServer {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private final Vertx vertx;
  private final RouterConfig.Admin config;
  private final BooleanSupplier ready;
  private final MeterRegistry registry;
  private final AdminApi api;
  private final HttpServer server;

  /**
   * @param ready whether requests should be sent to this router
   */
  public AdminServer(
      Vertx vertx,
      RouterConfig.Admin config,
      BooleanSupplier ready,
      AdminApi api,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.config = config;
    this.ready = ready;
    this.registry = registry;
    this.api = api;
    this.server = vertx.createHttpServer().requestHandler(this::handle);
  }

  /** Listens. The future fails if the address is taken. */
  public Future<Void> start() {
    return server.listen(config.port(), config.host()).mapEmpty();
  }

  /** The port, once it listens. */
  public int port() {
    return server.actualPort();
  }

  /** Listens no more. */
  public Future<Void> stop() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    switch (request.path() == null ? "" : request.path()) {
      case "/health" -> status(request, 200, "ok");
      case "/ready" -> {
        boolean now = ready.getAsBoolean();
        status(request, now ? 200 : 503, now ? "ready" : "not ready");
      }
      case "/metrics" -> metrics(request);
      default -> api.handle(request);
    }
  }

  private static void status(HttpServerRequest request, int status, String word) {
    send(
        request,
        status,
        "application/json",
        Json.text(JsonNodeFactory.instance.objectNode().put("status", word)));
  }

  private void metrics(HttpServerRequest request) {
    vertx
        .executeBlocking(
            () -> registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "")
        .onSuccess(text -> send(request, 200, "text/plain; version=0.0.4", text))
        .onFailure(
            e -> {
              log.error("The metrics cannot be shown", e);
              request.response().setStatusCode(500).end();
            });
  }

  private static void send(HttpServerRequest request, int status, String type, String body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .end(Buffer.buffer(body));
  }
}
