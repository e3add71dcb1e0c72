package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.control.Admin.Answer;
import io.kvlane.router.region.TestRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Policies written at any router of three regions, over real sockets. us-east has the store, and
 * two routers; eu-west does not know of ap-northeast.
 */
class ControlIT {
  @TempDir private static Path certificates;
  @TempDir private Path disks;

  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<String, TestRegion> regions = new LinkedHashMap<>();
  private TestRegion second;

  private String yaml(String router, String owner) {
    return """
    policies:
      directory: %s
      control: us-east
      store: {owner: "%s"}
      every: 50ms
      rollbackOnNack: false
    """
        .formatted(disks.resolve(router), owner);
  }

  private TestRegion region(String name, String... others) throws Exception {
    Map<String, List<String>> links = new LinkedHashMap<>();
    for (String other : others) {
      links.put(other, List.of("127.0.0.1:" + ports.get(other)));
    }
    return new TestRegion(name, ports.get(name), certificates, links, 1, yaml(name, ""));
  }

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west", "ap-northeast");
    for (String name : List.of("us-east", "eu-west", "ap-northeast")) {
      ports.put(name, TestRegion.freePort());
    }
    regions.put("us-east", region("us-east", "eu-west", "ap-northeast"));
    regions.put("eu-west", region("eu-west", "us-east"));
    regions.put("ap-northeast", region("ap-northeast", "us-east", "eu-west"));
    String owner = us().adminUrl().substring("http://".length());
    second = us().another(TestRegion.freePort(), yaml("second", owner));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                us().reaches("ap-northeast") && eu().reaches("us-east") && ap().reaches("us-east"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> all().stream().allMatch(router -> revision(router) == 1));
    // Live is what all routers serve that are known: wait until everybody knows all.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              for (TestRegion router : List.of(us(), ap())) {
                JsonNode seen = Admin.at(router).get("/rollouts/1").body();
                assertThat(seen.findValuesAsText("router")).hasSize(4);
              }
            });
  }

  @AfterEach
  void stop() {
    second.close();
    regions.values().forEach(TestRegion::close);
  }

  private TestRegion us() {
    return regions.get("us-east");
  }

  private TestRegion eu() {
    return regions.get("eu-west");
  }

  private TestRegion ap() {
    return regions.get("ap-northeast");
  }

  private List<TestRegion> all() {
    List<TestRegion> all = new ArrayList<>(regions.values());
    all.add(second);
    return all;
  }

  private static long revision(TestRegion router) {
    return (long) router.gauge("kvlane.config.revision");
  }

  @Test
  @DisplayName("ADM-8, ADM-9: written anywhere, live everywhere; who waits is told when")
  void write_anyRouter_isLiveEverywhere() throws Exception {
    int priority = 1;
    for (TestRegion router : all()) {
      Answer written = Admin.at(router).create("p" + priority, priority, "");
      assertThat(written.status()).as(written.raw().body()).isEqualTo(201);
      long revision = written.body().path("revision").asLong();
      assertThat(revision).isEqualTo(1 + priority);
      for (TestRegion waiting : List.of(ap(), us())) {
        Answer live = Admin.at(waiting).get("/revisions/" + revision + ":wait?timeout=60");
        assertThat(live.body().path("state").asText()).as(live.raw().body()).isEqualTo("LIVE");
        assertThat(live.body().findValuesAsText("router")).hasSize(4);
      }
      for (TestRegion each : all()) {
        assertThat(revision(each)).isEqualTo(revision);
        String model = each.chat("x").headers().firstValue("x-config-revision").orElse("");
        assertThat(model).isEqualTo("" + revision);
        Answer read = Admin.at(each).get("/policies/p" + priority);
        assertThat(read.header("ETag")).isEqualTo(written.header("ETag"));
      }
      priority++;
    }
    Answer rollout = Admin.at(eu()).get("/rollouts/3");
    assertThat(rollout.body().path("millis").asLong()).isPositive();
    assertThat(us().meters.get("kvlane.rollout.duration").timer().count()).isEqualTo(4);
    Answer list = Admin.at(second).get("/rollouts?pageSize=2");
    assertThat(list.body().path("rollouts").findValuesAsText("revision")).containsExactly("5", "4");
    assertThat(Admin.at(ap()).get("/rollouts/99").status()).isEqualTo(404);
  }

  @Test
  @DisplayName("CAP-5, ADM-8: a router that cannot apply a revision keeps the old one and says so")
  void write_notValidAtOneRouter_isNacked() throws Exception {
    Answer written = Admin.at(us()).create("p", 1, ",'regionOrder':['ap-northeast']");
    assertThat(written.status()).isEqualTo(201);

    Answer rollout = Admin.at(ap()).get("/revisions/2:wait?timeout=60");

    assertThat(rollout.body().path("state").asText()).isEqualTo("REFUSED");
    await().until(() -> revision(ap()) == 2 && revision(second) == 2);
    assertThat(revision(eu())).isEqualTo(1);
    assertThat(eu().gauge("kvlane.config.refused")).isEqualTo(2);
    assertThat(rollout.raw().body())
        .contains("NACK", "policies/p/regionOrder/0: unknown region (expected: one of eu-west");
    assertThat(eu().chat("x").headers().firstValue("x-config-revision")).contains("1");

    String etag = written.header("ETag");
    String mended = "{'regionOrder':['us-east']}";
    Answer next = Admin.at(eu()).send("PATCH", "/policies/p", mended, "If-Match", etag);
    assertThat(next.status()).as(next.raw().body()).isEqualTo(200);
    assertThat(Admin.at(us()).get("/revisions/3:wait?timeout=60").body().path("state").asText())
        .isEqualTo("LIVE");
    assertThat(eu().gauge("kvlane.config.refused")).isZero();
  }

  @Test
  @DisplayName("CAP-6, CAP-5: cut off from the control region, writes are 503 and requests served")
  void write_controlRegionIsLost_isRefused() throws Exception {
    Admin.at(eu()).create("p", 1, "");
    await().until(() -> all().stream().allMatch(router -> revision(router) == 2));
    second.close();
    us().close();
    await().atMost(Duration.ofSeconds(30)).until(() -> !eu().reaches("us-east"));

    Answer refused = Admin.at(eu()).create("q", 2, "");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.code()).isEqualTo("control-region-unreachable");
    assertThat(refused.header("Retry-After")).isNotEmpty();
    assertThat(Admin.at(eu()).get("/audit").code()).isEqualTo("control-region-unreachable");

    Answer read = Admin.at(eu()).get("/policies/p");
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.header("X-Config-Copy")).isEqualTo("last-good");
    assertThat(eu().chat("x").statusCode()).isEqualTo(200);
    double age = eu().gauge("kvlane.config.age");
    await().until(() -> eu().gauge("kvlane.config.age") > age + 1);

    TestRegion again = eu();
    again.close();
    regions.put("eu-west", region("eu-west", "us-east"));
    assertThat(revision(eu())).isEqualTo(2);
    await().untilAsserted(() -> assertThat(eu().chat("x").statusCode()).isEqualTo(200));
    assertThat(eu().chat("x").headers().firstValue("x-config-revision")).contains("2");
    assertThat(eu().gauge("kvlane.config.age")).isGreaterThan(age);
  }

  @Test
  @DisplayName("CAP-6: without the router that has the file, the region's others answer 503")
  void write_ownerIsGone_isRefused() throws Exception {
    us().close();

    Answer refused = Admin.at(second).create("p", 1, "");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.code()).isEqualTo("policy-store-unavailable");
    assertThat(Admin.at(second).get("/policies/default").header("X-Config-Copy"))
        .isEqualTo("last-good");

    regions.put("us-east", region("us-east", "eu-west", "ap-northeast"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Admin.at(us()).get("/policies/default").status() == 200);
    assertThat(Admin.at(us()).create("p", 1, "").body().path("revision").asLong()).isEqualTo(2);
  }

  @Test
  @DisplayName("a key that is made in one region opens in all, and nowhere once it is revoked")
  void key_madeAndRevoked_isSoInAllRegions() throws Exception {
    Answer made = Admin.at(eu()).send("POST", "/keys", "{'id':'ci','role':'OPERATOR'}");
    assertThat(made.status()).as(made.raw().body()).isEqualTo(201);
    assertThat(made.header("Cache-Control")).isEqualTo("no-store");
    String secret = made.body().path("secret").asText();
    for (TestRegion router : all()) {
      await().until(() -> Admin.at(router, secret).get("/status").status() == 200);
    }
    // Sent on to the store's router, which asks for the key again.
    assertThat(Admin.at(ap(), secret).create("p", 1, "").status()).isEqualTo(201);

    Answer gone =
        Admin.at(second).send("DELETE", "/keys/ci", null, "If-Match", made.header("ETag"));

    assertThat(gone.status()).as(gone.raw().body()).isEqualTo(200);
    String revision = gone.body().path("revision").asText();
    Answer live = Admin.at(us()).get("/revisions/" + revision + ":wait?timeout=60");
    assertThat(live.body().path("state").asText()).isEqualTo("LIVE");
    for (TestRegion router : all()) {
      assertThat(Admin.at(router, secret).get("/status").status()).isEqualTo(401);
    }
  }

  @Test
  @DisplayName("CAP-5: a key opens where the control region cannot be reached")
  void key_controlRegionIsLost_opens() throws Exception {
    Answer made = Admin.at(us()).send("POST", "/keys", "{'id':'ci','role':'OPERATOR'}");
    String secret = made.body().path("secret").asText();
    await().until(() -> Admin.at(eu(), secret).get("/status").status() == 200);
    second.close();
    us().close();
    await().atMost(Duration.ofSeconds(30)).until(() -> !eu().reaches("us-east"));

    assertThat(Admin.at(eu(), secret).get("/status").status()).isEqualTo(200);
    assertThat(Admin.at(eu(), secret).get("/policies/default").header("X-Config-Copy"))
        .isEqualTo("last-good");
  }

  @Test
  @DisplayName("ADM-7: orders and refusals at routers without the store are in its audit log")
  void audit_knowsWhatRoutersWithoutTheStoreDid() throws Exception {
    for (TestRegion router : all()) {
      assertThat(
              Admin.at(router).send("POST", "/regions/" + router.name + ":resume", null).status())
          .isEqualTo(200);
      assertThat(Admin.at(router).send("POST", "/nothing", "{}").status()).isEqualTo(404);
    }

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(lines())
                    .contains(
                        "DONE POST /admin/v1/regions/us-east:resume us-east/us-east-1",
                        "DONE POST /admin/v1/regions/us-east:resume us-east/us-east-2",
                        "DONE POST /admin/v1/regions/eu-west:resume eu-west/eu-west-1",
                        "DONE POST /admin/v1/regions/ap-northeast:resume"
                            + " ap-northeast/ap-northeast-1",
                        "NOT_FOUND POST /admin/v1/nothing ",
                        "NOT_FOUND POST /admin/v1/nothing us-east/us-east-2",
                        "NOT_FOUND POST /admin/v1/nothing eu-west/eu-west-1",
                        "NOT_FOUND POST /admin/v1/nothing ap-northeast/ap-northeast-1"));
    assertThat(Admin.at(us()).get("/audit:verify").body().path("problem").asText()).isEmpty();
  }

  private List<String> lines() throws Exception {
    List<String> lines = new ArrayList<>();
    for (var line : Admin.at(us()).get("/audit").body().path("audit")) {
      var entry = line.path("entry");
      lines.add(
          entry.path("outcome").asText()
              + ' '
              + entry.path("action").asText()
              + ' '
              + entry.path("router").asText());
    }
    return lines;
  }

  @Test
  @DisplayName("ADM-7: an order does not wait for the audit log; its line comes later")
  void order_controlRegionIsLost_isGiven_andLoggedOnceItIsBack() throws Exception {
    second.close();
    us().close();
    await().atMost(Duration.ofSeconds(30)).until(() -> !eu().reaches("us-east"));

    assertThat(Admin.at(eu()).send("POST", "/regions/eu-west:resume", null).status())
        .isEqualTo(200);

    regions.put("us-east", region("us-east", "eu-west", "ap-northeast"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> lines().contains("DONE POST /admin/v1/regions/eu-west:resume eu-west/eu-west-1"));
  }

  @Test
  @DisplayName("ADM-9: a router that starts late, or anew, is brought forward and never back")
  void router_startsLate_isBroughtForward() throws Exception {
    ap().close();
    for (int i = 1; i <= 3; i++) {
      assertThat(Admin.at(us()).create("p" + i, i, "").status()).isEqualTo(201);
    }
    regions.put("ap-northeast", region("ap-northeast", "us-east", "eu-west"));
    await().atMost(Duration.ofSeconds(30)).until(() -> revision(ap()) == 4);
  }
}
