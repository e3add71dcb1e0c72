package io.kvlane.router;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * A router in front of fixed engines, for measuring the relay alone: {@code --engine URL... [--port
 * PORT] [--loops N] [--model NAME]...}; without models it serves any.
 */
public final class StaticRouterMain {
  private StaticRouterMain() {}

  public static void main(String[] args) {
    List<StaticRouting.Replica> replicas = new ArrayList<>();
    List<String> models = new ArrayList<>();
    int port = 8101;
    int loops = 0;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--engine" -> {
          URI engine = URI.create(args[++i]);
          replicas.add(
              new StaticRouting.Replica(
                  "engine-" + (replicas.size() + 1), engine.getHost(), engine.getPort()));
        }
        case "--port" -> port = Integer.parseInt(args[++i]);
        case "--loops" -> loops = Integer.parseInt(args[++i]);
        case "--model" -> models.add(args[++i]);
        default -> throw new IllegalArgumentException(args[i]);
      }
    }
    var defaults = RouterConfig.DEFAULTS;
    var config =
        new RouterConfig(
            defaults.region(),
            defaults.router(),
            new RouterConfig.Listener("127.0.0.1", port),
            new RouterConfig.Admin(
                "127.0.0.1",
                0,
                50,
                List.of(),
                RouterConfig.DEFAULTS.admin().tls(),
                RouterConfig.DEFAULTS.admin().oidc()),
            loops,
            defaults.cluster(),
            defaults.pools(),
            defaults.index(),
            defaults.limits(),
            defaults.queue(),
            defaults.timeouts(),
            defaults.retry(),
            defaults.sse(),
            defaults.routing(),
            defaults.engine(),
            defaults.link(),
            defaults.access(),
            defaults.tenants(),
            defaults.policies(),
            defaults.telemetry());
    Vertx vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
    var server =
        new RouterServer(
            vertx,
            config,
            new StaticRouting(replicas, models, 100_000, false),
            null,
            ControlPlane.builtIn(config, new SimpleMeterRegistry()),
            null,
            Insight.alone(config),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    server
        .start()
        .onSuccess(
            up ->
                System.out.println(
                    "static router ready at "
                        + server.url()
                        + " admin "
                        + server.adminUrl()
                        + (vertx.isNativeTransportEnabled() ? " (native)" : " (nio)")))
        .onFailure(
            e -> {
              e.printStackTrace();
              System.exit(1);
            });
  }
}
