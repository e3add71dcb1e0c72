package io.kvlane.router.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.kvlane.router.config.KeyHash;
import io.kvlane.simulator.live.link.DelayProxy;
import io.kvlane.simulator.live.link.Distance;
import io.kvlane.simulator.live.link.LinkState;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions between which the link falls silent, over real sockets. */
class PartitionIT {
  private static final long ROUND_TRIP_MILLIS = 90;
  private static final String STREAM =
      "{\"model\":\"kvlane-demo\",\"stream\":true,"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

  @TempDir private Path certificates;

  private TestWorld world;
  private TestRegion here;
  private TestRegion there;

  @BeforeEach
  void start() throws Exception {
    world =
        new TestWorld(
            certificates,
            List.of("us-east", "eu-west"),
            (from, to) -> ROUND_TRIP_MILLIS,
            1,
            """
            tenants:
              - {name: acme, keys: [%s], salt: a secret, regions: [eu-west]}
            """
                .formatted(KeyHash.of("acme-key")));
    here = world.region("us-east");
    there = world.region("eu-west");
  }

  @AfterEach
  void stop() {
    world.close();
  }

  private static String prompt(String what) {
    return (what + " is cached somewhere, perhaps. ").repeat(200);
  }

  private static String servedBy(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.headers().firstValue("x-kvlane-region").orElse("");
  }

  private void partition() {
    world.links("eu-west", LinkState.CUT);
    await().until(() -> !here.reaches("eu-west") && !there.reaches("us-east"));
  }

  @Test
  @DisplayName("CAP-9: a partitioned locality map causes no errors")
  void chat_eachSideSeesItselfOnly_bothServe() throws Exception {
    there.chat(prompt("first"));
    await().until(() -> here.gauge("kvlane.digest.blocks") > 0);
    assertThat(servedBy(here.chat(prompt("first")))).isEqualTo("eu-west");

    world.links("eu-west", LinkState.CUT);
    // At first neither side knows: what was to cross comes home.
    assertThat(servedBy(here.chat(prompt("first")))).isEqualTo("us-east");
    await().until(() -> !here.reaches("eu-west") && !there.reaches("us-east"));

    for (int i = 0; i < 20; i++) {
      assertThat(servedBy(here.chat(prompt("number " + i)))).isEqualTo("us-east");
      assertThat(servedBy(there.chat(prompt("number " + i)))).isEqualTo("eu-west");
    }
  }

  @Test
  @DisplayName("RES-2: a partition is no reason to serve a tenant where it must not be")
  void chat_tenantOfTheOtherSide_isRefused() throws Exception {
    partition();
    int calls = here.engine().calls();

    HttpResponse<String> refused = here.chat("hello", "authorization", "Bearer acme-key");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("no-allowed-region", "[eu-west]");
    assertThat(here.engine().calls()).isEqualTo(calls);
    assertThat(servedBy(there.chat("hello", "authorization", "Bearer acme-key")))
        .isEqualTo("eu-west");
    assertThat(here.count("kvlane.residency.violations")).isZero();
  }

  @Test
  void digest_partitionHeals_agreesWithinTwoSeconds() throws Exception {
    there.chat(prompt("before"));
    await().until(() -> here.gauge("kvlane.digest.blocks") > 0);
    partition();
    double before = here.gauge("kvlane.digest.blocks");
    for (int i = 0; i < 20; i++) {
      there.chat(prompt("meanwhile " + i));
    }
    // One block in some is told of: of twenty prompts, more than twenty blocks.
    await().until(() -> told("us-east") > before + 20);

    long healed = System.nanoTime();
    world.links("eu-west", LinkState.UP);
    await()
        .atMost(Duration.ofSeconds(2))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> here.gauge("kvlane.digest.blocks") == told("us-east"));
    System.out.printf(
        "Digests agree %d ms after healing%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healed));
    assertThat(here.gauge("kvlane.digest.blocks")).isGreaterThan(before + 20);
  }

  private int told(String region) {
    return there.routing().digest(region, 0, 0).await().levels().getFirst().gained().length;
  }

  /** An answer under way. */
  private static InputStream stream(HttpClient client, TestRegion at) throws Exception {
    HttpRequest request =
        at.request("/v1/chat/completions")
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(STREAM))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
  }

  @Test
  void stream_linkSilentForAWhile_isNotCut() throws Exception {
    here.healthy(1, false);
    await().until(() -> servedBy(here.chat("hello")).equals("eu-west"));
    CompletableFuture<Void> heal = new CompletableFuture<>();
    there
        .engine()
        .always(
            response -> {
              MockEngine.stall(MockEngine.delta("a")).answer(response);
              heal.thenRun(() -> there.vertx.runOnContext(turn -> response.end(MockEngine.DONE)));
            });
    try (HttpClient client = HttpClient.newHttpClient()) {
      // The head comes with the first event.
      InputStream stream = stream(client, here);

      // Nothing is lost on the way, it only takes longer than a region may be silent.
      DelayProxy link = world.link("us-east", "eu-west");
      Distance near = link.distance();
      link.distance(Distance.ofMillis(6_000));
      await().until(() -> here.count("kvlane.region.losses", "to", "eu-west") >= 1);
      link.distance(near);
      heal.complete(null);

      assertThat(new String(stream.readAllBytes(), UTF_8))
          .isEqualTo(MockEngine.delta("a") + MockEngine.DONE);
    }
    await().until(() -> here.reaches("eu-west"));
  }

  @Test
  void close_streamOnAWayThatWasGivenUp_waitsForNobody() throws Exception {
    here.healthy(1, false);
    TestRegion router = here.another(TestRegion.freePort());
    await().until(() -> servedBy(router.chat("hello")).equals("eu-west"));
    there.engine().always(MockEngine.stall(MockEngine.delta("a")));
    try (HttpClient client = HttpClient.newHttpClient()) {
      InputStream stream = stream(client, router);
      assertThat(stream.read()).isPositive();
      partition();
      await().until(() -> router.count("kvlane.region.losses", "to", "eu-west") >= 1);

      assertThat(CompletableFuture.runAsync(router::close)).succeedsWithin(Duration.ofSeconds(20));
    }
  }
}
