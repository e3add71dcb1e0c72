package io.kvlane.router;

import io.kvlane.router.api.ApiServer;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.routing.Routing;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A router without its process: the composition that {@code RouterMain} and tests share. */
public final class RouterServer {
  private final RouterConfig config;
  private final ApiServer api;

  /**
   * @param vertx stays the caller's, and is not closed
   * @param routing stays the caller's, and is not closed
   */
  public RouterServer(Vertx vertx, RouterConfig config, Routing routing, MeterRegistry registry) {
    this.config = config;
    this.api = new ApiServer(vertx, config, routing, registry);
  }

  /** Listens. */
  public Future<Void> start() {
    return api.start();
  }

  /** Takes nothing new, lets what is under way end within {@code timeouts.drain}, cuts the rest. */
  public Future<Void> stop() {
    return api.stop();
  }

  /** The port that clients use. */
  public int port() {
    return api.port();
  }

  /** The port that operators use. */
  public int adminPort() {
    return api.adminPort();
  }

  /** {@code http://HOST:PORT} for clients. */
  public String url() {
    return "http://" + config.listen().host() + ':' + port();
  }

  /** {@code http://HOST:PORT} for operators. */
  public String adminUrl() {
    return "http://" + config.admin().host() + ':' + adminPort();
  }
}
