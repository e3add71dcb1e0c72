package io.kvlane.agent;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The agent's own {@code /health} and {@code /metrics}. */
final class StatusServer {
  private final HttpServer server;

  /**
   * Listens.
   *
   * @throws IllegalArgumentException if the address cannot be used
   */
  StatusServer(Vertx vertx, String host, int port, Agent agent) throws InterruptedException {
    HttpServerOptions options =
        new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(30);
    server = vertx.createHttpServer(options).requestHandler(request -> answer(request, agent));
    try {
      server.listen().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalArgumentException(
          "--listen " + host + ':' + port + ": cannot listen: " + e.getMessage(), e);
    }
  }

  int port() {
    return server.actualPort();
  }

  private static void answer(HttpServerRequest request, Agent agent) {
    switch (request.path()) {
      case "/health" -> {
        boolean alive = agent.isAlive();
        request.response().setStatusCode(alive ? 200 : 503).end(alive ? "ok\n" : "stopped\n");
      }
      case "/metrics" ->
          request
              .response()
              .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
              .end(agent.metrics().scrape());
      case null, default -> request.response().setStatusCode(404).end();
    }
  }
}
