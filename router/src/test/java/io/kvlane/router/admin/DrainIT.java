package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.MockEngine;
import io.kvlane.router.region.TestRegion;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators take a replica, a pool and a region out of service and back, over real sockets. */
class DrainIT {
  @TempDir private static Path certificates;

  private TestRegion here;
  private TestRegion there;
  private Operator operator;
  private int prompts;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    TestRegion.Pair pair = TestRegion.pair(certificates, 2, name -> "");
    here = pair.us();
    there = pair.eu();
    operator = new Operator(here.adminUrl(), TestRegion.ADMIN_KEY);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> here.reaches("eu-west") && there.reaches("us-east"));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(here.chat("x").statusCode()).isEqualTo(200));
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue("x-kvlane-" + name).orElse("none");
  }

  /** Where new prompts are served that have nothing in common; none may fail. */
  private List<String> served(String header, int requests) throws Exception {
    List<String> places = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      HttpResponse<String> answer = here.chat(("prompt " + prompts++ + ' ').repeat(40));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      places.add(header(answer, header));
    }
    return places;
  }

  @Test
  void drain_replica_streamFinishesAndNewRequestsGoElsewhere() throws Exception {
    AtomicReference<HttpServerResponse> running = new AtomicReference<>();
    here.engines.forEach(
        engine ->
            engine.always(
                response -> {
                  MockEngine.stall(MockEngine.delta("a")).answer(response);
                  running.set(response);
                }));
    CompletableFuture<String> client = CompletableFuture.supplyAsync(this::stream);
    await().until(() -> running.get() != null);
    here.engines.forEach(engine -> engine.always(MockEngine.json(200, "{\"id\":\"1\"}")));
    boolean first = here.engine().open() == 1;
    String replica = first ? "us-east-engine-1" : "us-east-engine-2";
    String other = first ? "us-east-engine-2" : "us-east-engine-1";

    operator.orders("replicas/" + replica + ":drain");
    await().until(() -> operator.share("replicas/" + replica) == 0);

    assertThat(served("replica", 20)).containsOnly(other);
    assertThat(operator.sees("replicas/" + replica).path("requests").asInt()).isEqualTo(1);
    assertThat(drained("replica")).isEqualTo(1);
    running.get().write(MockEngine.delta("b"));
    running.get().end(MockEngine.USAGE + MockEngine.DONE);
    assertThat(client.get())
        .isEqualTo(MockEngine.delta("a") + MockEngine.delta("b") + MockEngine.DONE);

    operator.orders("replicas/" + replica + ":resume");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(served("replica", 20)).contains(replica));
  }

  private String stream() {
    try {
      return here.post(
              "{\"model\":\"kvlane-demo\",\"stream\":true,"
                  + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
          .body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private double drained(String kind) {
    return here.meters.get("kvlane.drained").tag("kind", kind).gauge().value();
  }

  @Test
  void evacuate_region_everythingIsForwarded_resumeBringsItHome() throws Exception {
    assertThat(served("region", 10)).containsOnly("us-east");

    operator.orders("regions/us-east:evacuate");
    int before = here.engines.stream().mapToInt(MockEngine::calls).sum();

    assertThat(served("region", 20)).containsOnly("eu-west");
    assertThat(here.engines.stream().mapToInt(MockEngine::calls).sum()).isEqualTo(before);
    await().until(() -> eu().share("regions/us-east") == 0);

    operator.orders("regions/us-east:resume");
    List<String> first = served("region", 40);
    if (operator.share("regions/us-east") < 0.5) { // or else the machine has slept
      assertThat(first).contains("eu-west");
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(served("region", 40)).containsOnly("us-east"));
    await().until(() -> operator.share("regions/us-east") == 1);
  }

  @Test
  void evacuate_region_nobodyElse_isRefusedInClearWords() throws Exception {
    there.healthy(1, false);
    await().untilAsserted(() -> assertThat(eu().share("regions/us-east")).isEqualTo(1));
    operator.orders("regions/us-east:evacuate");

    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> refused = here.chat("x");
              assertThat(refused.statusCode()).isEqualTo(503);
              assertThat(refused.body())
                  .contains("evacuated", "Region us-east is evacuated, and no other region");
            });

    operator.orders("regions/us-east:drain");
    assertThat(served("region", 5)).containsOnly("us-east");
  }

  private Operator eu() {
    return new Operator(there.adminUrl(), TestRegion.ADMIN_KEY);
  }

  @Test
  void drain_region_takesNothingThatOthersCan_butIsTheirLastResort() throws Exception {
    eu().orders("regions/eu-west:drain");
    await().until(() -> operator.share("regions/eu-west") == 0);
    operator.orders("regions/us-east:drain");
    await().until(() -> operator.share("regions/us-east") == 0);
    assertThat(served("region", 10)).containsOnly("us-east");

    here.healthy(1, false);
    here.healthy(2, false);
    await().untilAsserted(() -> assertThat(served("region", 5)).containsOnly("eu-west"));
  }

  @Test
  void drain_pool_modelGoesToTheOtherRegion() throws Exception {
    operator.orders("pools/kvlane-demo:drain");
    await().until(() -> operator.share("pools/kvlane-demo") == 0);

    assertThat(served("region", 10)).containsOnly("eu-west");
    assertThat(operator.sees("pools").at("/pools/0/status/service/action").asText())
        .isEqualTo("drain");
  }

  @Test
  void drain_pool_whoAsksForTurnsGoesToTheOtherRegionToo() throws Exception {
    operator.orders("pools/kvlane-demo:drain");
    await().until(() -> operator.share("pools/kvlane-demo") == 0);

    HttpResponse<String> answer =
        here.chat("hello", "x-kvlane-affinity", "off", "x-request-id", "turns-1");

    assertThat(header(answer, "region")).isEqualTo("eu-west");
    await()
        .untilAsserted(
            () ->
                assertThat(operator.sees("decisions/turns-1").at("/decisions/0/reason").asText())
                    .contains("being drained", "region eu-west stands in"));
  }

  @Test
  void order_otherRouterOfTheRegion_heedsItWithinASecond_andKeepsItWhenTheFirstDies()
      throws Exception {
    try (TestRegion second = here.another(TestRegion.freePort())) {
      Operator other = new Operator(second.adminUrl(), TestRegion.ADMIN_KEY);
      operator.orders("replicas/us-east-engine-1:evacuate");
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> other.share("replicas/us-east-engine-1") == 0);

      await().until(here::isSafe); // a router that has just joined is no backup yet
      here.close();
      await()
          .during(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(20))
          .until(() -> other.share("replicas/us-east-engine-1") == 0);
    }
  }

  @Test
  void admin_withoutAGoodKey_isRefusedAndNothingChanges() throws Exception {
    for (String key : List.of("", "wrong")) {
      Operator stranger = new Operator(here.adminUrl(), key);
      HttpResponse<String> refused = stranger.send("POST", "/admin/v1/regions/us-east:evacuate");

      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
      assertThat(stranger.send("GET", "/admin/v1/replicas").statusCode()).isEqualTo(401);
      assertThat(stranger.send("GET", "/admin/nothing").statusCode()).isEqualTo(401);
      assertThat(stranger.send("GET", "/health").statusCode()).isEqualTo(200);
    }
    assertThat(operator.share("regions/us-east")).isEqualTo(1);
  }

  @Test
  void admin_whatIsNotThere_isNamed() throws Exception {
    HttpResponse<String> unknown = operator.send("POST", "/admin/v1/replicas/gpu-9:drain");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("replica gpu-9", "us-east", "\"status\":404");

    assertThat(operator.send("POST", "/admin/v1/pools/org%2Fmodel:drain").body())
        .contains("pool org/model");
    HttpResponse<String> other = operator.send("POST", "/admin/v1/regions/eu-west:drain");
    assertThat(other.statusCode()).isEqualTo(421);
    assertThat(other.body()).contains("eu-west", "expected: us-east");
    assertThat(operator.send("DELETE", "/admin/v1/replicas").statusCode()).isEqualTo(405);
    assertThat(operator.send("GET", "/admin/v1/replicas/gpu-9").statusCode()).isEqualTo(404);
  }

  @Test
  void lists_showWhatIsSeen() throws Exception {
    JsonNode replicas = operator.sees("replicas").path("replicas");
    assertThat(replicas.findValuesAsText("id"))
        .containsExactly("us-east-engine-1", "us-east-engine-2");
    assertThat(replicas.at("/0/healthy").asBoolean()).isTrue();
    assertThat(replicas.at("/0/service/action").asText()).isEqualTo("none");

    JsonNode regions = operator.sees("regions").path("regions");
    assertThat(regions.findValuesAsText("id")).containsExactly("us-east", "eu-west");
    assertThat(regions.at("/1/reachable").asBoolean()).isTrue();
    assertThat(regions.at("/1/service/share").asDouble()).isEqualTo(1);
  }
}
