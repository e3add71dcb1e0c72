package io.kvlane.router.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.kvlane.router.region.TestRegion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who renames a metric has to change the dashboards and rules that name it. */
class MetricNamesIT {
  private static final String PROMPT =
      "What is cached there need not be computed here. ".repeat(200);
  private static final String ANSWER =
      """
      {"id":"1","usage":{"prompt_tokens":2400,"completion_tokens":3,
       "prompt_tokens_details":{"cached_tokens":4}}}
      """;

  @TempDir private Path folder;

  private TestRegion here;
  private TestRegion there;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(folder, "us-east", "eu-west");
    TestRegion.Pair pair = TestRegion.pair(folder, 1, this::yaml);
    here = pair.us();
    there = pair.eu();
    await().until(() -> here.reaches("eu-west") && there.reaches("us-east"));
    there.engine().always(MockEngine.json(200, ANSWER));
  }

  private String yaml(String region) {
    return """
    policies: {directory: %s, control: us-east, store: {owner: ""}, every: 50ms}
    telemetry:
      traces: {endpoint: "http://127.0.0.1:%d/v1/traces"}
      prices: [{model: "*", prefillMicroUsd: 300000, cachedMicroUsd: 30000}]
    """
        .formatted(folder.resolve("disk-" + region), TestRegion.freePort());
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  @Test
  void scrape_hasWhatDashboardsAndRulesName() throws Exception {
    ProcessMetrics.register(here.meters);
    there.chat(PROMPT);
    await().until(() -> here.gauge("kvlane.digest.blocks") > 0);
    assertThat(here.chat(PROMPT).headers().firstValue("x-kvlane-decision")).contains("forward");
    here.engine().then(MockEngine.stream(MockEngine.delta("a"), MockEngine.USAGE, MockEngine.DONE));
    here.post(
        """
        {"model":"kvlane-demo","stream":true,"messages":[{"role":"user","content":"streamed"}]}
        """);
    here.chat("an answer without usage");
    assertThat(get("/admin/v1/policies").statusCode()).isEqualTo(401);
    System.gc();

    // Agents' and engines' metrics: EngineCountersIT.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        Queries.missing(
                            metric ->
                                !metric.startsWith("kvlane_agent_") && !metric.startsWith("vllm:"),
                            get("/metrics").body()))
                    .isEmpty());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(here.adminUrl() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
