package io.kvlane.router.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.config.RouterConfig.Price;
import io.kvlane.router.routing.Route;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {
  private static final Reuse NO_REUSE = new Reuse(0, 0, Reuse.Loss.LOAD);

  private final PrometheusMeterRegistry registry = Exemplars.registry();
  private final RequestMetrics metrics =
      new RequestMetrics(
          registry,
          true,
          "known"::equals,
          new Prices(List.of(new Price("*", 300_000, 30_000))),
          Insight.alone(RouterConfig.DEFAULTS).caches());

  private static Finished request(String model, String tenant, Reuse reuse, int cached) {
    return new Finished(
        "chat",
        200,
        "hit",
        model,
        tenant,
        false,
        "us-east",
        "engine-1",
        100,
        null,
        new Route.Usage(1_000, cached, 11),
        reuse,
        true,
        Duration.ofMillis(100).toNanos(),
        Duration.ofMillis(600).toNanos());
  }

  private double sum(String meter, String... tags) {
    return registry.find(meter).tags(tags).counters().stream().mapToDouble(c -> c.count()).sum();
  }

  @Test
  @DisplayName("TRC-5: histograms with the conventions' names and bounds")
  void finished_histograms_haveTheConventionsBounds() {
    metrics.finished(request("known", "", NO_REUSE, 0), RequestTrace.NONE);

    assertThat(bounds("gen_ai_server_request_duration_seconds"))
        .startsWith("0.01", "0.02", "0.04")
        .endsWith("40.96", "81.92", "+Inf");
    assertThat(bounds("gen_ai_server_time_per_output_token_seconds"))
        .startsWith("0.01", "0.025")
        .endsWith("2.5", "+Inf");
    assertThat(bounds("gen_ai_client_token_usage"))
        .startsWith("1.0", "4.0")
        .contains("6.7108864E7");
    assertThat(registry.scrape()).contains("gen_ai_server_time_to_first_token_seconds_bucket");
  }

  private List<String> bounds(String name) {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + "_bucket") && !line.contains("output\""))
        .map(line -> line.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
        .collect(Collectors.toList());
  }

  @Test
  void finished_reuse_addsUp() {
    metrics.finished(
        request("known", "", new Reuse(800, 600, Reuse.Loss.DISTANCE), 500), RequestTrace.NONE);

    assertThat(sum("kvlane.reuse.lost.tokens")).isEqualTo(1_000 - 600);
    assertThat(sum("kvlane.reuse.lost.tokens", "reason", "distance")).isEqualTo(200);
    assertThat(sum("kvlane.reuse.tokens", "stage", "delivered")).isEqualTo(500);
    assertThat(sum("kvlane.index.error.tokens", "kind", "false_hit")).isEqualTo(100);
    assertThat(sum("kvlane.saved.usd")).isEqualTo(500 * 0.27e-6);
  }

  @Test
  void finished_engineSilent_isLeftOutOfRatios() {
    metrics.finished(
        request("known", "", new Reuse(800, 600, Reuse.Loss.LOAD), -1), RequestTrace.NONE);

    assertThat(sum("kvlane.prompt.tokens")).isZero();
    assertThat(sum("kvlane.unreported")).isEqualTo(1);
  }

  @Test
  void finished_aMillionNames_addACappedNumberOfSeries() {
    for (int i = 0; i < 1_000_000; i++) {
      metrics.finished(request("made-up-" + i, "tenant-" + i, NO_REUSE, 10), RequestTrace.NONE);
    }

    int ofTenants = 4 * (Labels.MOST_TENANTS + 1);
    int ofOneModel = 40;
    assertThat(registry.getMeters()).hasSizeLessThan(ofTenants + ofOneModel);
    assertThat(sum("kvlane.tenant.prompt.tokens", "tenant", "other"))
        .isEqualTo(1_000.0 * (1_000_000 - Labels.MOST_TENANTS));
    assertThat(registry.scrape()).doesNotContain("made-up");
  }
}
