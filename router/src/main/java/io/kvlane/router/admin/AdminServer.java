package io.kvlane.router.admin;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.tls.ExpiryMetric;
import io.kvlane.router.tls.FreshKeys;
import io.kvlane.router.tls.PemFiles;
import io.kvlane.router.tls.ReadAgain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for operators: {@code /metrics}, {@code /health}, {@code /ready} and the files of
 * {@code /console} for everybody, {@code /admin} for those who show a key. Safe for any thread.
 */
public final class AdminServer {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private static final long REFRESH_MILLIS = 1_000;

  private record Shown(X509ExtendedKeyManager keys, Instant expires) {}

  private final Vertx vertx;
  private final RouterConfig.Admin config;
  private final BooleanSupplier ready;
  private final MeterRegistry registry;
  private final AdminApi api;
  private final ConsoleFiles console = new ConsoleFiles();
  private @Nullable HttpServer server;
  private long refresh = -1;

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
  }

  /** Listens. The future fails if the address is taken, or if the certificate cannot be used. */
  public Future<Void> start() {
    var options = new HttpServerOptions();
    if (config.tls().enabled()) {
      try {
        protect(options);
      } catch (ConfigException e) {
        return Future.failedFuture(e);
      }
    }
    HttpServer listener =
        vertx
            .createHttpServer(options)
            .invalidRequestHandler(AdminApi::unreadable)
            .requestHandler(this::handle);
    server = listener;
    return listener.listen(config.port(), config.host()).mapEmpty();
  }

  /** TLS with what the files hold at each handshake. */
  private void protect(HttpServerOptions options) throws ConfigException {
    Path certificate = Path.of(config.tls().certificate());
    Path key = Path.of(config.tls().key());
    var identity =
        new ReadAgain<>(
            "admin.tls",
            List.of(certificate, key),
            () -> new Shown(PemFiles.identity(certificate, key), PemFiles.expires(certificate)));
    options
        .setSsl(true)
        .setKeyCertOptions(KeyCertOptions.wrap(new FreshKeys(() -> identity.get().keys)));
    ExpiryMetric.register("admin", () -> identity.get().expires, registry);
    refresh = identity.watch(vertx, REFRESH_MILLIS);
  }

  /** The port, once it listens. */
  public int port() {
    return requireNonNull(server).actualPort();
  }

  /** Listens no more. */
  public Future<Void> stop() {
    vertx.cancelTimer(refresh);
    HttpServer listener = server;
    return listener == null ? Future.succeededFuture() : listener.close();
  }

  private void handle(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    switch (path) {
      case "/health" -> status(request, 200, "ok");
      case "/ready" -> {
        boolean now = ready.getAsBoolean();
        status(request, now ? 200 : 503, now ? "ready" : "not ready");
      }
      case "/metrics" -> metrics(request);
      default -> {
        if (ConsoleFiles.isBelow(path)) {
          console.handle(request);
        } else {
          api.handle(request);
        }
      }
    }
  }

  private static void status(HttpServerRequest request, int status, String word) {
    send(
        request,
        status,
        "application/json",
        Json.text(JsonNodeFactory.instance.objectNode().put("status", word)));
  }

  /** As Prometheus's text, or as OpenMetrics, with exemplars, for who accepts that. */
  private void metrics(HttpServerRequest request) {
    String accepted = String.valueOf(request.getHeader(HttpHeaders.ACCEPT));
    String type =
        accepted.contains("application/openmetrics-text")
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
    vertx
        .executeBlocking(
            () ->
                registry instanceof PrometheusMeterRegistry prometheus
                    ? prometheus.scrape(type)
                    : "")
        .onSuccess(text -> send(request, 200, type, text))
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
