package io.kvlane.router;

import io.kvlane.router.admin.AdminApi;
import io.kvlane.router.admin.AdminServer;
import io.kvlane.router.admin.ApiKey;
import io.kvlane.router.admin.ApiKeys;
import io.kvlane.router.admin.Callers;
import io.kvlane.router.api.ApiServer;
import io.kvlane.router.api.Control;
import io.kvlane.router.api.Link;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Routing;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
   * @param control stays the caller's, and is not closed
   * @param operations what operators may do, null for nothing
   * @param insight stays the caller's, and is not closed
   */
  public RouterServer(
      Vertx vertx,
      RouterConfig config,
      Routing routing,
      @Nullable Link link,
      ControlPlane control,
      @Nullable Operations operations,
      Insight insight,
      MeterRegistry registry) {
    this.config = config;
    insight.evidence().register(registry);
    var adminApi =
        new AdminApi(
            vertx,
            control.parts(operations, insight),
            new Callers(vertx, keys(config.admin(), control.policies()), config.admin().oidc()),
            config.admin().requestsPerSecond(),
            System::nanoTime,
            registry);
    var served =
        new Control(
            control.policies(),
            control::routers,
            control::revision,
            adminApi::handle,
            control::audit);
    this.api = new ApiServer(vertx, config, routing, link, served, insight, registry);
    this.admin = new AdminServer(vertx, config.admin(), api::ready, adminApi, registry);
  }

  private static ApiKeys keys(RouterConfig.Admin admin, Policies policies) {
    List<ApiKey> keys = new ArrayList<>();
    for (RouterConfig.AdminKey key : admin.keys()) {
      keys.add(
          new ApiKey(
              key.id(),
              key.hash(),
              ApiKey.Role.valueOf(key.role().name()),
              Set.copyOf(key.tenants()),
              Set.copyOf(key.regions()),
              key.expires().isEmpty() ? Instant.MAX : Instant.parse(key.expires())));
    }
    return new ApiKeys(keys, policies::current, InstantSource.system());
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

  /** {@code http://HOST:PORT}, or https, for operators. */
  public String adminUrl() {
    String scheme = config.admin().tls().enabled() ? "https" : "http";
    return scheme + "://" + config.admin().host() + ':' + adminPort();
  }
}
