package io.kvlane.router.telemetry.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.core.HazelcastInstance;
import io.kvlane.router.MockEngine;
import io.kvlane.router.cluster.RegionCluster;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.TestRegion;
import io.kvlane.router.telemetry.Insight;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Evidence of real requests: us-east has two routers and two engines, eu-west one of each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvidenceIT {
  private static final String MARK = "xyzzy";
  private static final String PROMPT = (MARK + " lorem ipsum dolor sit amet ").repeat(60);
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
        tenants: [{name: acme, keys: [%s], salt: salt-%s}]
        """
            .formatted(KeyHash.of("key-" + MARK), MARK);
    TestRegion.Pair pair = TestRegion.pair(certificates, 2, name -> yaml);
    us = pair.us();
    eu = pair.eu();
    second = us.another(TestRegion.freePort());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                us.reaches("eu-west")
                    && eu.reaches("us-east")
                    && second.reaches("eu-west")
                    && second.gauge("kvlane.replicas.healthy") == 2);
  }

  @AfterAll
  void stop() {
    second.close();
    us.close();
    eu.close();
  }

  private static HttpRequest ask(TestRegion at, String path) {
    return HttpRequest.newBuilder(URI.create(at.adminUrl() + "/admin/v1/decisions" + path))
        .header("Authorization", "Bearer " + TestRegion.ADMIN_KEY)
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private static JsonNode get(TestRegion at, String path) throws Exception {
    HttpResponse<String> answer = CLIENT.send(ask(at, path), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /** The only entry of that request, once it is over. */
  private static JsonNode entry(TestRegion at, String id) {
    return await()
        .atMost(Duration.ofSeconds(1)) // the promise
        .until(() -> found(at, id), entry -> !entry.path("state").asText("open").equals("open"));
  }

  private static JsonNode found(TestRegion at, String id) throws Exception {
    HttpResponse<String> answer = CLIENT.send(ask(at, '/' + id), BodyHandlers.ofString());
    return JSON.readTree(answer.body()).path("decisions").path(0);
  }

  private HttpResponse<String> chat(TestRegion at, String id, String prompt, String... more)
      throws IOException, InterruptedException {
    String[] headers =
        Stream.concat(
                Stream.of("x-request-id", id, "authorization", "Bearer key-" + MARK),
                Stream.of(more))
            .toArray(String[]::new);
    return at.chat(prompt, headers);
  }

  private static String word(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-kvlane-decision").orElse("");
  }

  @Test
  @DisplayName("Evidence for a request sent to one router is found from the other within 1 s")
  void request_isFoundFromTheOtherRouter() throws Exception {
    us.engines.forEach(
        engine ->
            engine.then(
                MockEngine.json(
                    200,
                    "{\"usage\":{\"prompt_tokens\":500,\"completion_tokens\":3,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":7}}}")));
    String trace = "0af7651916cd43dd8448eb211c80319c";
    chat(us, "found-1", "first " + PROMPT, "traceparent", "00-" + trace + "-b7ad6b7169203331-01");

    JsonNode entry = entry(second, "found-1");

    assertThat(entry.path("router").asText()).isEqualTo("us-east-1");
    assertThat(entry.path("region").asText()).isEqualTo("us-east");
    assertThat(entry.path("traceId").asText()).isEqualTo(trace);
    assertThat(entry.path("tenant").asText()).isEqualTo("acme");
    assertThat(entry.path("state").asText()).isEqualTo("answered");
    assertThat(entry.path("decision").asText()).isEqualTo("home");
    assertThat(entry.path("reason").asText()).contains("its home us-east-engine-");
    assertThat(entry.path("policy").path("id").asText()).isEqualTo("default");
    assertThat(entry.path("policy").path("consistency").asText()).isEqualTo("CP");
    assertThat(entry.path("tokens").path("cachedReported").asInt()).isEqualTo(7);
    assertThat(entry.path("candidates")).hasSize(2);
    assertThat(entry.path("timelineMs").fieldNames())
        .toIterable()
        .containsExactly(
            "body", "scanned", "admitted", "decided", "dispatched", "firstByte", "complete");
  }

  @Test
  void hit_tellsTheCachedRun() throws Exception {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> word(chat(us, "hit-1", "warm " + PROMPT)).equals("hit"));

    JsonNode list = get(second, "?requestId=hit-1&decision=hit");

    JsonNode entry = list.path("decisions").path(0);
    assertThat(entry.path("reason").asText()).contains("tokens");
    assertThat(entry.path("tokens").path("cachedPredicted").asInt()).isGreaterThan(64);
    assertThat(list.path("partial").asBoolean()).isFalse();
  }

  @Test
  void forwarded_isShownByBothRegions() throws Exception {
    us.healthy(1, false);
    us.healthy(2, false);
    await().until(() -> us.gauge("kvlane.replicas.healthy") == 0);
    try {
      assertThat(word(chat(us, "hop-1", "hop " + PROMPT))).isEqualTo("forward");
      for (TestRegion asked : List.of(us, second, eu)) {
        JsonNode found = get(asked, "/hop-1");
        assertThat(found.path("decisions").findValuesAsText("arrivedAt"))
            .as("%s: %s", asked.adminUrl(), found)
            .hasSize(2);
        JsonNode sent = by(found, "us-east-1");
        assertThat(sent.path("attempts").get(0).path("hop").asBoolean()).isTrue();
        assertThat(sent.path("servedBy").path("region").asText()).isEqualTo("eu-west");
        assertThat(sent.path("reason").asText())
            .contains("No replica of this region is fit")
            .contains("region eu-west stands in");
        assertThat(sent.path("refused").findValuesAsText("why"))
            .containsExactly("unhealthy", "unhealthy");
        JsonNode taken = by(found, "eu-west-1");
        assertThat(taken.path("forwarded").asBoolean()).isTrue();
        assertThat(taken.path("servedBy").path("replica").asText()).isEqualTo("eu-west-engine-1");
      }
    } finally {
      us.healthy(1, true);
      us.healthy(2, true);
      await()
          .until(
              () ->
                  us.gauge("kvlane.replicas.healthy") == 2
                      && second.gauge("kvlane.replicas.healthy") == 2);
    }
  }

  private static JsonNode by(JsonNode found, String router) {
    for (JsonNode entry : found.path("decisions")) {
      if (entry.path("router").asText().equals(router)) {
        return entry;
      }
    }
    throw new AssertionError(found.toString());
  }

  @Test
  void failover_showsEachAttempt() throws Exception {
    us.engines.forEach(engine -> engine.then(MockEngine.json(500, "{}")));
    assertThat(chat(us, "failed-1", "failover " + PROMPT).statusCode()).isEqualTo(200);

    JsonNode entry = entry(second, "failed-1");
    for (MockEngine engine : us.engines) { // what was not used
      engine.always(MockEngine.json(200, "{\"id\":\"1\"}"));
    }

    assertThat(entry.path("decision").asText()).isEqualTo("failover");
    assertThat(entry.path("attempts").findValuesAsText("outcome"))
        .startsWith("status")
        .endsWith("answered");
    assertThat(entry.path("reason").asText()).contains("did not answer (status, after");
  }

  @Test
  @DisplayName("RES-3: the decision names refused candidates, reason residency")
  void refused_namesWhy() throws Exception {
    var answer = chat(us, "refused-1", "refused " + PROMPT, "x-kvlane-regions", "ap-south");
    assertThat(answer.statusCode()).isEqualTo(503);

    JsonNode entry = entry(second, "refused-1");

    assertThat(entry.path("state").asText()).isEqualTo("refused");
    assertThat(entry.path("error").asText()).isEqualTo("no-allowed-region");
    assertThat(entry.path("refused").findValuesAsText("why"))
        .containsExactlyInAnyOrder("residency", "residency");
    assertThat(entry.path("refused").findValuesAsText("region"))
        .containsExactlyInAnyOrder("us-east", "eu-west");
  }

  @Test
  void list_isInPagesNewestFirstAndFiltered() throws Exception {
    for (int i = 0; i < 6; i++) {
      chat(i % 2 == 0 ? us : second, "list-" + i, "list " + i, "x-kvlane-regions", "nowhere");
    }
    String filter = "?error=no-allowed-region&status=5xx&tenant=acme&model=" + TestRegion.MODEL;
    String token = "";
    StringBuilder ids = new StringBuilder();
    do {
      JsonNode page = get(us, filter + "&pageSize=2&pageToken=" + token);
      assertThat(page.path("decisions").size()).isLessThanOrEqualTo(2);
      page.path("decisions")
          .findValuesAsText("requestId")
          .forEach(id -> ids.append(id).append(' '));
      token = page.path("nextPageToken").asText();
    } while (!token.isEmpty());

    assertThat(ids.toString()).contains("list-5", "list-4", "list-3", "list-2", "list-1", "list-0");
    assertThat(ids.indexOf("list-4")).isGreaterThan(ids.indexOf("list-5"));
    assertThat(get(us, filter + "&replica=nobody").path("decisions")).isEmpty();
    assertThat(get(us, filter + "&since=2100-01-01T00:00:00Z").path("decisions")).isEmpty();
  }

  @Test
  void tail_tellsWhatEndsAtAnyRouter() throws Exception {
    Queue<String> events = new ConcurrentLinkedQueue<>();
    var reader =
        CLIENT
            .sendAsync(ask(second, ":tail?tenant=acme"), BodyHandlers.ofLines())
            .thenAccept(answer -> answer.body().forEach(events::add));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              chat(us, "tail-1", "tail " + PROMPT);
              assertThat(events).anyMatch(line -> line.contains("\"requestId\":\"tail-1\""));
            });
    assertThat(events).contains("event: decision");
    reader.cancel(true);
  }

  @Test
  @DisplayName("No prompt text, salt, key or hint of a client is in any entry")
  void entries_holdNothingOfTheClients() throws Exception {
    chat(us, "secret-1", PROMPT, "x-session-id", "session-" + MARK);
    us.post(
        "{\"model\":\"kvlane-demo\",\"prompt_cache_key\":\""
            + MARK
            + "\",\"cache_salt\":\""
            + MARK
            + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + PROMPT
            + "\"}]}",
        "x-request-id",
        "secret-2");
    entry(second, "secret-1");
    entry(second, "secret-2");

    for (TestRegion asked : List.of(us, second, eu)) {
      String all = get(asked, "?pageSize=200").toString();
      assertThat(all).contains("silentRouters").doesNotContain(MARK).doesNotContain("lorem");
    }
  }

  @Test
  void unknown_is404() throws Exception {
    HttpResponse<String> answer = CLIENT.send(ask(us, "/nobody"), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(404);
  }

  @Test
  void router_thatDoesNotAnswer_isNamedInTime() throws Exception {
    int port = TestRegion.freePort();
    RouterConfig config =
        new ConfigLoader(Map.of())
            .parse(
                "test",
                "router: {id: one}\ncluster: {name: silent-"
                    + port
                    + ", port: "
                    + port
                    + ", members: [\"127.0.0.1:"
                    + port
                    + "\"]}\n");
    HazelcastInstance hazelcast = RegionCluster.join(config);
    try (Insight insight = Insight.of(config, hazelcast, () -> Set.of("one", "ghost"))) {
      assertThat(RegionCluster.routers(hazelcast)).containsExactly("one");

      Evidence.Found found = insight.evidence().list(Query.ALL, 10).get(1, TimeUnit.SECONDS);

      assertThat(found.silent()).containsExactly("ghost");
    } finally {
      hazelcast.getLifecycleService().terminate();
    }
  }
}
