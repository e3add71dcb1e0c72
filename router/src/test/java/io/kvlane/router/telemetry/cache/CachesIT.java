package io.kvlane.router.telemetry.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.MockEngine;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.region.TestRegion;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cache queries of real requests: us-east has two routers and two engines, eu-west one of each.
 * Engines say that of 1,000 tokens 400 were cached.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CachesIT {
  private static final String PROMPT = "lorem ipsum dolor sit amet ".repeat(80);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path certificates;

  private TestRegion us;
  private TestRegion second;
  private TestRegion eu;

  @BeforeAll
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    String yaml =
        """
        tenants: [{name: acme, keys: [%s]}, {name: umbrella, keys: [%s]}]
        telemetry: {prices: [{model: "*", prefillMicroUsd: 1000000, cachedMicroUsd: 100000}]}
        """
            .formatted(KeyHash.of("key-acme"), KeyHash.of("key-umbrella"));
    TestRegion.Pair pair = TestRegion.pair(certificates, 2, name -> yaml);
    us = pair.us();
    eu = pair.eu();
    second = us.another(TestRegion.freePort());
    for (TestRegion region : List.of(us, eu)) {
      for (MockEngine engine : region.engines) {
        engine.always(
            MockEngine.json(
                200,
                "{\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":3,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":400}}}"));
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                us.reaches("eu-west")
                    && eu.reaches("us-east")
                    && second.reaches("eu-west")
                    && second.gauge("kvlane.replicas.healthy") == 2);
    for (int i = 0; i < 6; i++) {
      chat(i % 2 == 0 ? us : second, "acme", PROMPT);
    }
    chat(us, "umbrella", PROMPT);
    chat(eu, "acme", "eu " + PROMPT); // of which us-east has nothing
    us.healthy(1, false);
    us.healthy(2, false);
    await().until(() -> us.gauge("kvlane.replicas.healthy") == 0);
    chat(us, "umbrella", "forwarded " + PROMPT);
    us.healthy(1, true);
    us.healthy(2, true);
    await().until(() -> us.gauge("kvlane.replicas.healthy") == 2);
  }

  @AfterAll
  void stop() {
    second.close();
    us.close();
    eu.close();
  }

  private static void chat(TestRegion at, String tenant, String prompt) throws Exception {
    HttpResponse<String> answer = at.chat(prompt, "authorization", "Bearer key-" + tenant);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static HttpRequest ask(TestRegion at, String path) {
    return HttpRequest.newBuilder(URI.create(at.adminUrl() + "/admin/v1/cache/" + path))
        .header("Authorization", "Bearer " + TestRegion.ADMIN_KEY)
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private static JsonNode get(TestRegion at, String path) throws Exception {
    HttpResponse<String> answer = CLIENT.send(ask(at, path), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static int status(TestRegion at, String path) throws Exception {
    return CLIENT.send(ask(at, path), BodyHandlers.discarding()).statusCode();
  }

  private static JsonNode group(JsonNode summary, String key) {
    for (JsonNode group : summary.path("groups")) {
      if (group.path("key").asText().equals(key)) {
        return group;
      }
    }
    throw new AssertionError("no " + key + " in " + summary);
  }

  @Test
  void summary_isTheSameFromEitherRouter() throws Exception {
    for (TestRegion asked : List.of(us, second)) {
      JsonNode summary = get(asked, "summary?window=5m");
      JsonNode all = group(summary, "");

      assertThat(summary.path("routers")).hasSize(2);
      assertThat(summary.path("missing")).isEmpty();
      assertThat(all.path("requests").asInt()).isEqualTo(8);
      assertThat(all.path("promptTokens").asInt()).isEqualTo(8_000);
      assertThat(all.path("reportedTokens").asInt()).isEqualTo(3_200);
      assertThat(all.path("hitRatioReported").asDouble()).isEqualTo(0.4, within(1e-9));
      assertThat(all.path("savedMicroUsd").asInt()).isEqualTo(2_880); // 0.9 a token
      assertThat(all.path("ttftWarmP50Ms").asDouble()).isPositive();
    }
  }

  @Test
  @DisplayName("prompt = workload + losses + selected, delivered = selected - false hits + misses")
  void summary_waterfallAddsUp() throws Exception {
    JsonNode all = group(get(us, "summary"), "");
    JsonNode lost = all.path("lost");
    int selected = all.path("selectedTokens").asInt();
    int losses = 0;
    for (String why : List.of("load", "policy", "residency", "distance", "health")) {
      losses += lost.path(why).asInt();
    }

    assertThat(lost.path("workload").asInt() + losses + selected).isEqualTo(8_000);
    assertThat(all.path("reusableTokens").asInt()).isEqualTo(selected + losses);
    assertThat(all.path("deliveredTokens").asInt())
        .isEqualTo(selected - lost.path("falseHits").asInt() + lost.path("falseMisses").asInt());
  }

  @Test
  void summary_isPutTogetherByWhatIsAsked() throws Exception {
    JsonNode tenants = get(second, "summary?groupBy=tenant");
    assertThat(group(tenants, "acme").path("requests").asInt()).isEqualTo(6);
    assertThat(group(tenants, "umbrella").path("requests").asInt()).isEqualTo(2);
    JsonNode regions = get(second, "summary?groupBy=region");
    assertThat(group(regions, "eu-west").path("decisions").path("forward").asInt()).isEqualTo(1);
    assertThat(group(get(us, "summary?tenant=umbrella"), "").path("requests").asInt()).isEqualTo(2);
    assertThat(get(us, "summary?model=nobody").path("groups")).isEmpty();
    assertThat(get(us, "summary?until=2020-01-01T00:00:00Z").path("groups")).isEmpty();
  }

  @Test
  void series_addsUpToTheSummary() throws Exception {
    JsonNode series = get(us, "series?window=5m&step=10s");

    assertThat(series.path("stepSeconds").asInt()).isEqualTo(10);
    int requests = 0;
    for (JsonNode point : series.path("series").path(0).path("points")) {
      requests += point.path("requests").asInt();
      assertThat(point.path("at").asText()).matches(".*:[0-5]0Z");
    }
    assertThat(requests).isEqualTo(8);
  }

  @Test
  void badTime_isRefused() throws Exception {
    assertThat(status(us, "summary?window=7h")).isEqualTo(400);
    assertThat(status(us, "summary?window=soon")).isEqualTo(400);
    assertThat(status(us, "series?window=6h&step=10s")).isEqualTo(400);
    assertThat(status(us, "series?step=7s")).isEqualTo(400);
    assertThat(status(us, "summary?until=tomorrow")).isEqualTo(400);
    assertThat(status(us, "events?window=7h")).isEqualTo(400);
  }

  @Test
  void replicas_coldestFirst() throws Exception {
    JsonNode replicas = get(second, "replicas").path("replicas");

    assertThat(replicas.findValuesAsText("id"))
        .containsExactlyInAnyOrder("us-east-engine-1", "us-east-engine-2");
    double last = -1;
    int requests = 0;
    for (JsonNode replica : replicas) {
      double ratio = replica.path("hitRatioReported").asDouble(-1);
      assertThat(ratio).isGreaterThanOrEqualTo(last);
      last = ratio;
      requests += replica.path("requests").asInt();
      assertThat(replica.path("healthy").asBoolean()).isTrue();
    }
    assertThat(requests).isEqualTo(7);
  }

  @Test
  void prefixes_hottestFirstWithWhoHoldsThem() throws Exception {
    JsonNode answer = get(second, "prefixes?window=1h&limit=5");
    JsonNode hottest = answer.path("prefixes").path(0);

    assertThat(hottest.path("tenant").asText()).isEqualTo("acme");
    // What a text key stands for is learnt, so that runs of equal length may end a block apart.
    assertThat(hottest.path("requests").asInt()).isBetween(5, 6);
    assertThat(hottest.path("savedTokens").asInt()).isBetween(5 * 200, 6 * 400);
    assertThat(hottest.path("depthTokens").asInt()).isBetween(200, 400);
    assertThat(hottest.path("prefix").asText()).matches("[0-9a-f]{16}");
    assertThat(hottest.path("replicas").asInt()).isBetween(1, 2);
    assertThat(answer.path("duplicateShare").asDouble()).isBetween(0.0, 1.0);
  }

  /** A region that a busy machine takes for lost for a moment is asked again. */
  @Test
  void regions_showEachOnesOwnAndWhatWentAcross() {
    await().atMost(Duration.ofSeconds(30)).untilAsserted(this::regionsAreShown);
  }

  private void regionsAreShown() throws Exception {
    JsonNode answer = get(second, "regions?window=5m");
    JsonNode own = answer.path("regions").path(0);
    JsonNode other = answer.path("regions").path(1);

    assertThat(own.path("region").asText()).isEqualTo("us-east");
    assertThat(own.path("requests").asInt()).isEqualTo(8);
    assertThat(own.path("healthyReplicas").asInt()).isEqualTo(2);
    assertThat(other.path("region").asText()).isEqualTo("eu-west");
    assertThat(other.path("requests").asInt()).isEqualTo(1);
    assertThat(other.path("hitRatioReported").asDouble()).isEqualTo(0.4, within(1e-9));
    assertThat(other.path("healthyReplicas").asInt()).isEqualTo(1);
    assertThat(answer.path("flows")).hasSize(1);
    assertThat(answer.path("flows").path(0).path("to").asText()).isEqualTo("eu-west");
    assertThat(answer.path("flows").path(0).path("tokens").asInt()).isEqualTo(1_000);
  }

  @Test
  void advice_simulatesMoreOfBoth() throws Exception {
    JsonNode advice = get(us, "advice");

    assertThat(advice.path("simulation").asText()).isEqualTo("done");
    JsonNode model = advice.path("models").path(0);
    assertThat(model.path("requests").asInt()).isEqualTo(8);
    assertThat(model.path("asIs").path("hitRatio").asDouble()).isPositive();
    assertThat(model.path("oneMoreReplica").path("ttftP50Ms").asDouble()).isPositive();
  }

  @Test
  void events_tellSummaryAndRegions() {
    Queue<String> events = new ConcurrentLinkedQueue<>();
    var reader =
        CLIENT
            .sendAsync(ask(second, "events?window=5m"), BodyHandlers.ofLines())
            .thenAccept(answer -> answer.body().forEach(events::add));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(events).contains("event: summary", "event: regions"));
    assertThat(events).anyMatch(line -> line.contains("\"hitRatioReported\":0.4"));
    reader.cancel(true);
  }

  @Test
  void scopedKey_seesItsTenantsOnly() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(us.adminUrl() + "/admin/v1/cache/summary?groupBy=tenant"))
            .header("Authorization", "Bearer " + TestRegion.UMBRELLA_KEY)
            .build();
    JsonNode summary = JSON.readTree(CLIENT.send(request, BodyHandlers.ofString()).body());

    assertThat(summary.path("groups").findValuesAsText("key")).containsExactly("umbrella");
  }
}
