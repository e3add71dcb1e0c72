package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.kvlane.router.control.Admin.Answer;
import io.kvlane.router.region.TestRegion;
import io.vertx.core.http.HttpServerResponse;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What policies say is what happens to requests. us-east has two replicas, eu-west one. */
class PolicyRoutingIT {
  @TempDir private static Path certificates;
  @TempDir private Path disks;

  private TestRegion us;
  private TestRegion eu;
  private int written;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    TestRegion.Pair pair = TestRegion.pair(certificates, 2, this::yaml);
    us = pair.us();
    eu = pair.eu();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> us.reaches("eu-west") && eu.reaches("us-east"));
    await().atMost(Duration.ofSeconds(60)).until(() -> us.gauge("kvlane.config.revision") == 1);
  }

  private String yaml(String region) {
    return "policies: {directory: \""
        + disks.resolve(region)
        + "\", control: us-east, every: 50ms}\n";
  }

  @AfterEach
  void stop() {
    us.close();
    eu.close();
  }

  /** Writes a policy for requests with a header {@code x-case} of its name. */
  private void policy(String id, String json) throws Exception {
    written++;
    String match = ",'match':{'headers':{'x-case':'" + id + "'}}";
    write(id, match + json);
  }

  private void write(String id, String json) throws Exception {
    Answer answer = Admin.at(us).create(id, written, json);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
    long revision = answer.body().path("revision").asLong();
    String state =
        Admin.at(us)
            .get("/revisions/" + revision + ":wait?timeout=60")
            .body()
            .path("state")
            .asText();
    assertThat(state).isEqualTo("LIVE");
  }

  private HttpResponse<String> ask(String id) throws Exception {
    return us.chat("x", "x-case", id);
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("none");
  }

  private int calls() {
    return us.engines.stream().mapToInt(MockEngine::calls).sum();
  }

  @Test
  @DisplayName("CAP-8: each answer names the policy, its side of the CAP choice and the revision")
  void answer_namesItsPolicy() throws Exception {
    policy("p", "");
    String ap =
        "{'consistency':'AP','partition':{'onPartition':'REJECT','maxStalenessMs':1,"
            + "'maxOvershoot':0}}";
    String etag = Admin.at(us).get("/policies/p").header("ETag");
    assertThat(Admin.at(us).send("PATCH", "/policies/p", ap, "If-Match", etag).status())
        .isEqualTo(200);
    await().until(() -> us.gauge("kvlane.config.revision") == 3);

    assertThat(header(ask("p"), "x-kvlane-policy")).isEqualTo("p");
    assertThat(header(ask("p"), "x-kvlane-consistency")).isEqualTo("AP");
    assertThat(header(ask("p"), "x-config-revision")).isEqualTo("3");
    assertThat(header(ask("other"), "x-kvlane-policy")).isEqualTo("default");
    assertThat(header(us.post("{"), "x-config-revision")).isEqualTo("3");
  }

  @Test
  void residency_ofThePolicy_isKept() throws Exception {
    policy("eu", ",'residency':{'allowedRegions':['eu-west']}");
    int before = calls();

    HttpResponse<String> answer = ask("eu");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "x-kvlane-region")).isEqualTo("eu-west");
    assertThat(calls()).isEqualTo(before);
    HttpResponse<String> narrowed = us.chat("x", "x-case", "eu", "x-kvlane-regions", "us-east");
    assertThat(narrowed.statusCode()).isEqualTo(503);
    assertThat(narrowed.body()).contains("no-allowed-region");
  }

  @Test
  void failover_off_staysWhereItFailed() throws Exception {
    policy("stay", ",'failover':{'otherReplicas':false,'otherRegions':false}");
    policy("here", ",'failover':{'otherRegions':false}");
    us.engines.forEach(engine -> engine.always(MockEngine.json(500, "{}")));

    int before = calls();
    assertThat(ask("stay").statusCode()).isEqualTo(502);
    assertThat(calls()).isEqualTo(before + 1);
    assertThat(ask("here").statusCode()).isEqualTo(502);
    assertThat(calls()).isEqualTo(before + 3);
    assertThat(header(ask("neither"), "x-kvlane-region")).isEqualTo("eu-west");
  }

  @Test
  void failover_off_noReplicaIsHealthy_isNotForwarded() throws Exception {
    policy("here", ",'failover':{'otherRegions':false}");
    us.healthy(1, false);
    us.healthy(2, false);
    await().until(() -> us.gauge("kvlane.replicas.healthy") == 0);
    assertThat(header(ask("neither"), "x-kvlane-region")).isEqualTo("eu-west");
    assertThat(header(ask("here"), "x-kvlane-region")).isEqualTo("us-east");
  }

  @Test
  void retry_attemptsAndBudget_areKept() throws Exception {
    policy("once", ",'retry':{'maxAttempts':1}");
    policy("poor", ",'retry':{'budgetPercent':0,'minPerSecond':0}");
    us.engines.forEach(engine -> engine.always(MockEngine.json(500, "{}")));
    for (String id : List.of("once", "poor")) {
      int before = calls();
      assertThat(ask(id).statusCode()).isEqualTo(502);
      assertThat(calls()).as(id).isEqualTo(before + 1);
    }
  }

  @Test
  void timeLimit_isKept() throws Exception {
    policy("quick", ",'timeLimits':{'firstByteMs':50,'answerMs':100},'retry':{'maxAttempts':1}");
    us.engines.forEach(engine -> engine.always(response -> {}));
    assertThat(ask("quick").statusCode()).isEqualTo(504);
  }

  @Test
  void match_routeAndModel_decide() throws Exception {
    Answer answer =
        Admin.at(us)
            .create(
                "m",
                50,
                ",'match':{'modelGlob':'kvlane-*','route':'/v1/chat/*'},"
                    + "'residency':{'allowedRegions':['eu-west']}");
    assertThat(answer.status()).isEqualTo(201);
    await().untilAsserted(() -> assertThat(header(us.chat("x"), "x-kvlane-policy")).isEqualTo("m"));
    assertThat(header(us.chat("x"), "x-kvlane-region")).isEqualTo("eu-west");
  }

  @Test
  @DisplayName("ADM-9: what is under way keeps the policy it began with")
  void revision_comesMeanwhile_changesNothingOfWhatIsUnderWay() throws Exception {
    policy("p", ",'timeLimits':{'idleMs':600000}");
    AtomicReference<HttpServerResponse> running = new AtomicReference<>();
    us.engines.forEach(
        engine ->
            engine.always(
                response -> {
                  MockEngine.stall(MockEngine.delta("a")).answer(response);
                  running.set(response);
                }));
    String body =
        "{\"model\":\"kvlane-demo\",\"stream\":true,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    CompletableFuture<HttpResponse<String>> client =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return us.post(body, "x-case", "p");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> running.get() != null);
    String etag = Admin.at(us).get("/policies/p").header("ETag");
    assertThat(Admin.at(us).send("DELETE", "/policies/p", null, "If-Match", etag).status())
        .isEqualTo(200);
    await().until(() -> us.gauge("kvlane.config.revision") == 3);

    running.get().end(MockEngine.USAGE + MockEngine.DONE);

    assertThat(header(client.get(), "x-kvlane-policy")).isEqualTo("p");
    assertThat(header(client.get(), "x-config-revision")).isEqualTo("2");
    assertThat(client.get().body()).isEqualTo(MockEngine.delta("a") + MockEngine.DONE);
  }

  @Test
  void resource_saysWhatNobodyHeeds_isRefused() throws Exception {
    record Case(String path, String json, String field) {}
    for (Case unheeded :
        List.of(
            new Case("/policies/x", "'priority':9,'hedge':{'maxExtraPercent':1}", "/hedge"),
            new Case("/policies/x", "'priority':9,'quota':{'limit':5}", "/quota/limit"),
            new Case("/pools/x", "'model':'m','fallbackPool':'y'", "/fallbackPool"),
            new Case("/tenants/x", "'weight':2", "/weight"))) {
      String more = unheeded.path.startsWith("/policies") ? ",'consistency':'CP'}" : "}";
      Answer answer =
          Admin.at(us).send("PUT", unheeded.path, '{' + unheeded.json + more, "If-None-Match", "*");
      assertThat(answer.status()).as(unheeded.json).isEqualTo(422);
      assertThat(answer.body().at("/errors/0/path").asText()).startsWith(unheeded.field);
      assertThat(answer.body().at("/errors/0/message").asText()).contains("this version");
    }
  }

  @Test
  void pool_showsWhatIsSeen_outsideOfItsEtag() throws Exception {
    Answer seen = Admin.at(us).get("/pools/kvlane-demo");
    assertThat(seen.body().at("/status/healthyReplicas").asInt()).isEqualTo(2);
    assertThat(seen.header("ETag")).isEmpty();

    String pool = "{'model':'kvlane-demo','keySpace':'TEXT','maxRequestsPerReplica':7}";
    Answer put = Admin.at(us).send("PUT", "/pools/demo", pool, "If-None-Match", "*");
    assertThat(put.status()).isEqualTo(201);
    await().until(() -> eu.gauge("kvlane.config.revision") == 2);
    for (TestRegion router : List.of(us, eu)) {
      Answer named = Admin.at(router).get("/pools/demo");
      assertThat(named.header("ETag")).isEqualTo(put.header("ETag"));
      assertThat(named.body().path("maxRequestsPerReplica").asInt()).isEqualTo(7);
      assertThat(named.body().at("/status/healthyReplicas").asInt())
          .isEqualTo(router.engines.size());
      assertThat(Admin.at(router).get("/pools").body().path("pools")).hasSize(1);
    }
    await() // the other region tells what it can take with its next answer
        .untilAsserted(() -> assertThat(us.routing().capacity(TestRegion.MODEL)).isBetween(14, 21));
    assertThat(Admin.at(us).send("POST", "/pools/demo:drain", null).status()).isEqualTo(200);
    await()
        .until(
            () ->
                Admin.at(us).get("/pools/demo").body().at("/status/service/share").asDouble() == 0);
  }
}
