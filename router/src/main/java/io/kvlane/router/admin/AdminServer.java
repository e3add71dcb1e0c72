package io.kvlane.router.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.routing.Operations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for operators: {@code /metrics}, {@code /health} and {@code /ready} for everybody,
 * {@code /admin/v1} for those who show a key. Safe for any thread.
 */
public final class AdminServer {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String API = "/admin/";

  /** How long the region's cluster may take to keep an order. */
  private static final long LIMIT_SECONDS = 5;

  private final Vertx vertx;
  private final RouterConfig.Admin config;
  private final BooleanSupplier ready;
  private final MeterRegistry registry;
  private final AdminKeys keys;
  private final @Nullable Resources resources;
  private final HttpServer server;

  /**
   * @param ready whether requests should be sent to this router
   * @param operations null if there is nothing to operate
   */
  public AdminServer(
      Vertx vertx,
      RouterConfig.Admin config,
      BooleanSupplier ready,
      @Nullable Operations operations,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.config = config;
    this.ready = ready;
    this.registry = registry;
    this.keys = new AdminKeys(config.keys());
    this.resources = operations == null ? null : new Resources(operations);
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
    Future<?> answered;
    try {
      answered = dispatch(request);
    } catch (RuntimeException e) {
      answered = Future.failedFuture(e);
    }
    answered.onFailure(e -> fail(request, e));
  }

  private Future<?> dispatch(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    return switch (path) {
      case "/health" -> json(request, 200, Map.of("status", "ok"));
      case "/ready" -> {
        boolean now = ready.getAsBoolean();
        yield json(request, now ? 200 : 503, Map.of("status", now ? "ready" : "not ready"));
      }
      case "/metrics" -> metrics(request);
      default -> {
        if (!path.startsWith(API) || resources == null) {
          throw AdminException.notFound("There is no such path.");
        }
        String actor = keys.check(request.getHeader(HttpHeaders.AUTHORIZATION));
        yield resources
            .answer(request.method(), path, actor)
            .timeout(LIMIT_SECONDS, TimeUnit.SECONDS)
            .compose(body -> json(request, 200, body));
      }
    };
  }

  private Future<?> metrics(HttpServerRequest request) {
    return vertx
        .executeBlocking(
            () -> registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "")
        .compose(text -> send(request, 200, "text/plain; version=0.0.4", Buffer.buffer(text)));
  }

  private static void fail(HttpServerRequest request, Throwable e) {
    if (request.response().headWritten()) {
      log.debug("An answer to an operator broke off: {}", e.toString());
      return;
    }
    Problem problem = Problem.of(e);
    if (problem.status() == 500) {
      log.error("The admin listener failed", e);
    }
    if (problem.status() == 401) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
    }
    var _ = send(request, problem.status(), "application/problem+json", bytes(problem));
  }

  private static Future<Void> json(HttpServerRequest request, int status, Object body) {
    return send(request, status, "application/json", bytes(body));
  }

  private static Buffer bytes(Object body) {
    try {
      return Buffer.buffer(JSON.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Future<Void> send(
      HttpServerRequest request, int status, String type, Buffer body) {
    return request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .end(body);
  }
}
