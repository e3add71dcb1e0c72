package io.kvlane.router;

import io.kvlane.router.admin.AdminServer;
import io.kvlane.router.api.ApiServer;
import io.kvlane.router.api.Link;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Routing;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** A router without its process: the composition that {@code RouterMain} and tests share. */
public final class RouterServer {
  private final RouterConfig config;
  private final ApiServer api;
  private final AdminServer admin;

  /**
   * @param vertx stays the caller's, and is not closed
   * @param routing stays the caller's, and is not closed
   * @param link the other regions, null if there are none
   * @param operations what operators may do, null for nothing
   */
  public RouterServer(
      Vertx vertx,
      RouterConfig config,
      Routing routing,
      @Nullable Link link,
      @Nullable Operations operations,
      MeterRegistry registry) {
    this.config = config;
    this.api = new ApiServer(vertx, config, routing, link, registry);
    this.admin = new AdminServer(vertx, config.admin(), api::ready, operations, registry);
  }

  /** Listens. */
  public Future<Void> start() {
    return api.start().compose(started -> admin.start());
  }

  /** Takes nothing new, lets what is under way end within {@code timeouts.drain}, cuts the rest. */
  public Future<Void> stop() {
    return api.stop().eventually(admin::stop);
  }

  /** The port that clients use. */
  public int port() {
    return api.port();
  }

  /** The port that other regions' routers use, 0 if there are none. */
  public int linkPort() {
    return api.linkPort();
  }

  /** The port that operators use. */
  public int adminPort() {
    return admin.port();
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
