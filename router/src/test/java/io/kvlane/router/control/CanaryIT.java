package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.MockEngine;
import io.kvlane.router.control.Admin.Answer;
import io.kvlane.router.region.TestRegion;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Staged rollouts over real sockets: us-east has the store and two routers, eu-west has one. */
class CanaryIT {
  @TempDir private static Path certificates;
  @TempDir private Path disks;

  private int usPort;
  private int euPort;
  private TestRegion us;
  private TestRegion second;
  private TestRegion eu;

  private String yaml(String router, String owner) {
    return """
    policies:
      directory: %s
      control: us-east
      store: {owner: "%s"}
      every: 50ms
    """
        .formatted(disks.resolve(router), owner);
  }

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west", "ap-northeast");
    usPort = TestRegion.freePort();
    euPort = TestRegion.freePort();
    us = usEast(Map.of());
    eu = euWest();
    second = second();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> us.reaches("eu-west") && eu.reaches("us-east"));
    await().atMost(Duration.ofSeconds(60)).until(() -> all().stream().allMatch(r -> at(r) == 1));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              JsonNode seen = Admin.at(us).get("/rollouts/1").body();
              assertThat(seen.findValuesAsText("router")).hasSize(3);
            });
  }

  private TestRegion usEast(Map<String, List<String>> more) throws Exception {
    Map<String, List<String>> others = new HashMap<>(more);
    others.put("eu-west", List.of("127.0.0.1:" + euPort));
    return new TestRegion("us-east", usPort, certificates, others, 1, yaml("us-east", ""));
  }

  private TestRegion second() throws Exception {
    String owner = us.adminUrl().substring("http://".length());
    return us.another(TestRegion.freePort(), yaml("second", owner));
  }

  private TestRegion euWest() throws Exception {
    var others = Map.of("us-east", List.of("127.0.0.1:" + usPort));
    return new TestRegion("eu-west", euPort, certificates, others, 1, yaml("eu-west", ""));
  }

  @AfterEach
  void stop() {
    second.close();
    us.close();
    eu.close();
  }

  private List<TestRegion> all() {
    return List.of(us, second, eu);
  }

  private static long at(TestRegion router) {
    return (long) router.gauge("kvlane.config.revision");
  }

  /** A change of the default policy, as revision 2. */
  private Answer begin(String rollout) throws Exception {
    return begin("'retry':{'maxAttempts':7}", rollout);
  }

  private Answer begin(String patch, String rollout) throws Exception {
    String etag = Admin.at(us).get("/policies/default").header("ETag").replace("\"", "\\'");
    String body =
        "{'changes':[{'kind':'policies','id':'default','ifMatch':'%s','patch':{%s}}],'rollout':{%s}}"
            .formatted(etag, patch, rollout);
    return Admin.at(us).send("POST", "/changesets", body.replace("\\'", "\\\""));
  }

  private JsonNode rollout(TestRegion at) throws Exception {
    return Admin.at(at).get("/rollouts/2").body();
  }

  private void awaitState(TestRegion at, String state) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(rollout(at).path("state").asText())
                    .as("%s", rollout(at))
                    .isEqualTo(state));
  }

  private static String revision(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-config-revision").orElse("");
  }

  private static int newSide(TestRegion router, int requests)
      throws IOException, InterruptedException {
    int found = 0;
    for (int i = 0; i < requests; i++) {
      found += revision(router.chat("hello")).equals("2") ? 1 : 0;
    }
    return found;
  }

  @Test
  @DisplayName(
      "ADM-8: a canary serves its percentage, other writes wait, and promotion is a revision")
  void canary_percent_isServedThenPromoted() throws Exception {
    Answer begun = begin("'percent':30,'holdSeconds':600,'promote':'MANUAL'");
    assertThat(begun.status()).as(begun.raw().body()).isEqualTo(201);
    awaitState(eu, "CANARY");

    for (TestRegion router : all()) {
      assertThat(newSide(router, 200)).as(router.config.router().id()).isBetween(35, 85);
    }
    assertThat(Admin.at(us).create("p", 1, "").code()).isEqualTo("rollout-in-progress");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              JsonNode arms = rollout(us).path("arms");
              assertThat(
                      arms.path("canary").path("requests").asInt()
                          + arms.path("base").path("requests").asInt())
                  .isEqualTo(600);
            });

    Answer promoted = Admin.at(eu).send("POST", "/rollouts/2:promote", null);
    assertThat(promoted.status()).as(promoted.raw().body()).isEqualTo(201);
    await().until(() -> all().stream().allMatch(router -> at(router) == 3));
    assertThat(revision(eu.chat("x"))).isEqualTo("3");
    awaitState(us, "LIVE");
    assertThat(rollout(us).path("reason").asText())
        .startsWith("promoted: the canary of revision 2");
    assertThat(Admin.at(us).send("POST", "/rollouts/2:rollback", null).status()).isEqualTo(409);
    assertThat(Admin.at(us).create("p", 1, "").status()).isEqualTo(201);
  }

  @Test
  @DisplayName("ADM-8: a canary by region; its error rate takes it back by itself, with the reason")
  void canary_breachesItsSlo_isRolledBack() throws Exception {
    Answer begun =
        begin(
            "'timeLimits':{'firstByteMs':1,'answerMs':1,'idleMs':60000},'retry':{'maxAttempts':1}",
            "'regions':['eu-west'],'holdSeconds':600,"
                + "'slo':{'maxErrorRate':0.05,'minRequests':10}");
    assertThat(begun.status()).as(begun.raw().body()).isEqualTo(201);
    awaitState(us, "CANARY");
    eu.engine().always(eu.engine().after(300, MockEngine.json(200, "{}")));
    assertThat(us.chat("x").statusCode()).isEqualTo(200);

    int errors = 0;
    for (int i = 0; i < 20; i++) {
      errors += eu.chat("x").statusCode() >= 500 ? 1 : 0;
    }

    assertThat(errors).isPositive();
    awaitState(eu, "ROLLED_BACK");
    assertThat(rollout(us).path("reason").asText()).contains("error rate", "above 0.050");
    await().until(() -> all().stream().allMatch(router -> at(router) == 3));
    assertThat(
            Admin.at(us).get("/policies/default").body().path("retry").path("maxAttempts").asInt())
        .isEqualTo(3);
    assertThat(us.count("kvlane.rollouts.ended", "outcome", "rolled_back", "cause", "slo"))
        .isEqualTo(1);
    String audit = Admin.at(us).get("/audit").raw().body();
    assertThat(audit).contains("rollouts/2:rollback", "\"actor\":\"kvlane/rollouts\"");
  }

  @Test
  @DisplayName("ADM-8: a canary that holds is promoted by itself")
  void canary_holds_isPromoted() throws Exception {
    begin("'percent':50,'holdSeconds':1");

    await().atMost(Duration.ofSeconds(30)).until(() -> all().stream().allMatch(r -> at(r) == 3));
    assertThat(
            Admin.at(us).get("/policies/default").body().path("retry").path("maxAttempts").asInt())
        .isEqualTo(7);
  }

  @Test
  @DisplayName("ADM-8, ADM-9: a router that refuses it ends a canary, and a plain rollout too")
  void refused_byOneRouter_isRolledBack() throws Exception {
    second.close();
    us.close();
    us = usEast(Map.of("ap-northeast", List.of()));
    second = second();
    Answer begun = begin("'regionOrder':['ap-northeast']", "'percent':10,'holdSeconds':600");
    assertThat(begun.status()).as(begun.raw().body()).isEqualTo(201);
    awaitState(us, "ROLLED_BACK");
    assertThat(rollout(us).path("reason").asText())
        .contains("eu-west-1 refuses it", "unknown region");
    await().until(() -> all().stream().allMatch(router -> at(router) == 3));

    Answer plain = Admin.at(us).create("p", 1, ",'regionOrder':['ap-northeast']");
    assertThat(plain.status()).isEqualTo(201);
    await().atMost(Duration.ofSeconds(30)).until(() -> all().stream().allMatch(r -> at(r) == 5));
    assertThat(Admin.at(us).get("/policies/p").status()).isEqualTo(404);
    assertThat(Admin.at(us).get("/rollouts/4").body().path("state").asText())
        .isEqualTo("ROLLED_BACK");
    assertThat(eu.gauge("kvlane.config.refused")).isZero();
  }

  @Test
  @DisplayName("ADM-9: restarts midway serve both sides on, also without the store")
  void restart_midway_goesOn() throws Exception {
    begin("'percent':30,'holdSeconds':600,'promote':'MANUAL'");
    awaitState(us, "CANARY");
    second.close();
    us.close();
    eu.close();

    eu = euWest();

    assertThat(at(eu)).isEqualTo(2);
    await().until(() -> eu.chat("x").statusCode() == 200);
    assertThat(newSide(eu, 200)).isBetween(35, 85);

    us = usEast(Map.of());
    second = second();
    awaitState(us, "CANARY");
    assertThat(Admin.at(us).send("POST", "/rollouts/2:rollback", null).status()).isEqualTo(201);
    await().atMost(Duration.ofSeconds(60)).until(() -> all().stream().allMatch(r -> at(r) == 3));
    assertThat(newSide(eu, 20)).isZero();
  }
}
