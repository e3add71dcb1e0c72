package io.kvlane.router;

import static io.kvlane.router.MockEngine.DONE;
import static io.kvlane.router.MockEngine.USAGE;
import static io.kvlane.router.MockEngine.delta;
import static io.kvlane.router.MockEngine.json;
import static io.kvlane.router.MockEngine.stream;
import static io.kvlane.router.RouterFixture.CHAT;
import static io.kvlane.router.RouterFixture.chat;
import static io.kvlane.router.RouterFixture.streamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What operators see. */
class MetricsIT {
  private final RouterFixture at = new RouterFixture(2, "");

  @AfterEach
  void stop() {
    at.close();
  }

  @Test
  void requests_areCountedByRouteStatusAndDecision() {
    at.engine().then(json(503, "{}"));
    at.engines.get(1).then(stream(delta("a"), USAGE, DONE));
    at.post(CHAT, streamed());
    at.post("/v1/messages", "{");

    await().until(at::isIdle);
    assertThat(count("chat", "2xx", "failover")).isEqualTo(1);
    assertThat(count("messages", "4xx", "none")).isEqualTo(1);
    assertThat(at.meters.get("kvlane.attempts").tag("outcome", "status").counter().count())
        .isEqualTo(1);
    assertThat(at.meters.get("kvlane.attempts").tag("outcome", "answered").counter().count())
        .isEqualTo(1);
    assertThat(tokens("kvlane.prompt.tokens")).isEqualTo(7);
    assertThat(tokens("kvlane.cached.tokens.reported")).isEqualTo(4);
    assertThat(at.meters.get("gen_ai.server.time_to_first_token").timer().count()).isEqualTo(1);
    assertThat(at.meters.get("gen_ai.server.request.duration").timer().count()).isEqualTo(1);
  }

  private double count(String route, String status, String decision) {
    return at.meters
        .get("kvlane.requests")
        .tags("route", route, "status", status, "decision", decision)
        .counter()
        .count();
  }

  private double tokens(String meter) {
    return at.meters.get(meter).tag("model", RouterFixture.MODEL).counter().count();
  }

  @Test
  void unknownModels_areNoLabels() {
    for (int i = 0; i < 20; i++) {
      at.post(CHAT, chat("").replace(RouterFixture.MODEL, "made-up-" + i));
    }
    assertThat(at.meters.getMeters())
        .noneMatch(meter -> meter.getId().getTags().toString().contains("made-up"));
  }

  @Test
  void admin_metrics_arePrometheusText() throws Exception {
    var config =
        new ConfigLoader(Map.of("KVLANE_LISTEN_PORT", "0", "KVLANE_ADMIN_PORT", "0"))
            .parse("test", "");
    var router =
        new RouterServer(
            at.vertx,
            config,
            new StaticRouting(List.of(), List.of(), 1, false),
            null,
            ControlPlane.builtIn(config, new SimpleMeterRegistry()),
            null,
            Insight.alone(config),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    router.start().await();

    assertThat(get(router, "/metrics")).contains("kvlane_requests_in_flight 0.0");
    assertThat(get(router, "/health")).contains("ok");
    assertThat(get(router, "/ready")).contains("ready");
    assertThat(get(router, "/other")).contains("\"status\":404");
    router.stop().await();
  }

  private String get(RouterServer router, String path) {
    return at.send(HttpRequest.newBuilder(URI.create(router.adminUrl() + path)).build()).body();
  }
}
