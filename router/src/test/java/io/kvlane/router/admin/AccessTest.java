package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.admin.AdminFixture.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
  private static final String POLICY = "{'priority':%d,'consistency':'CP','match':{'tenant':'%s'}}";
  private static final String[] CREATE = {"If-None-Match", "*"};

  @TempDir private Path directory;

  private AdminFixture api;

  @BeforeEach
  void start() throws Exception {
    api = new AdminFixture(directory, 10_000);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Answer acme(String method, String path, String json, String... headers) throws Exception {
    return api.send(0, AdminFixture.ACME, method, path, json, headers);
  }

  @Test
  void anything_withoutAKey_is401() throws Exception {
    for (String key : List.of("", "wrong", AdminFixture.OLD)) {
      for (String path :
          List.of("/policies", "/policies/default", "/nothing", "/openapi.json", "/audit")) {
        for (String method : List.of("GET", "PUT", "DELETE", "OPTIONS", "BREW")) {
          Answer answer = api.send(0, key, method, path, null);
          assertThat(answer.status()).isEqualTo(401);
          assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
          assertThat(answer.header("X-Config-Revision")).isEmpty();
        }
      }
    }
  }

  @Test
  void roles_mayWhatTheyMay() throws Exception {
    String policy = POLICY.formatted(5, "*");
    String tenant = "{}";
    assertThat(api.send(0, AdminFixture.VIEWER, "GET", "/policies", null).status()).isEqualTo(200);
    assertThat(api.send(0, AdminFixture.VIEWER, "PUT", "/policies/p", policy, CREATE).status())
        .isEqualTo(403);
    assertThat(api.send(0, AdminFixture.VIEWER, "GET", "/audit", null).status()).isEqualTo(403);
    assertThat(api.send(0, AdminFixture.OPERATOR, "PUT", "/policies/p", policy, CREATE).status())
        .isEqualTo(201);
    assertThat(api.send(0, AdminFixture.OPERATOR, "PUT", "/tenants/t", tenant, CREATE).status())
        .isEqualTo(403);
    String set = "{'changes':[{'kind':'tenants','id':'t','create':true,'put':{}}]}";
    assertThat(api.send(0, AdminFixture.OPERATOR, "POST", "/changesets", set).status())
        .isEqualTo(403);
    assertThat(api.put("/tenants/t", tenant, CREATE).status()).isEqualTo(201);
    String head = api.get("/revisions").etag();
    String[] back = {"If-Match", head};
    assertThat(
            api.send(0, AdminFixture.OPERATOR, "POST", "/revisions/2:rollback", null, back)
                .status())
        .isEqualTo(403);
    assertThat(api.put("/policies/q", "{'oops':1}", CREATE).status()).isEqualTo(422);
    assertThat(api.get("/audit").body().get("audit").findValuesAsText("outcome"))
        .containsExactly(
            "DONE", "FORBIDDEN", "DONE", "FORBIDDEN", "FORBIDDEN", "DONE", "FORBIDDEN", "INVALID");
  }

  @Test
  @DisplayName("ADM-7: what somebody known was refused is logged, strangers are only counted")
  void refusals_ofAllKinds_areLogged() throws Exception {
    String policy = POLICY.formatted(5, "*");
    String huge = "{'description':'" + "x".repeat(1 << 20) + "'}";
    assertThat(api.put("/policies/p", huge, CREATE).status()).isEqualTo(413);
    assertThat(api.send(0, AdminFixture.ADMIN, "POST", "/policies", policy).status())
        .isEqualTo(405);
    assertThat(api.send(0, AdminFixture.ADMIN, "PUT", "/policies/p", null, CREATE).status())
        .isEqualTo(415);
    assertThat(api.put("/policies/p?oops=1", policy, CREATE).status()).isEqualTo(400);
    assertThat(api.put("/policies/p", "{", CREATE).status()).isEqualTo(400);
    assertThat(api.put("/policies/p?validateOnly=true", policy).status()).isEqualTo(428);
    assertThat(api.send(0, AdminFixture.ADMIN, "POST", "/nothing", policy).status()).isEqualTo(404);
    for (int i = 0; i < 20; i++) {
      assertThat(api.send(0, "wrong", "PUT", "/policies/p", policy, CREATE).status())
          .isEqualTo(401);
    }
    var log = api.get("/audit").body().get("audit");
    assertThat(log.findValuesAsText("action"))
        .containsExactly(
            "create the store",
            "PUT /admin/v1/policies/p",
            "POST /admin/v1/policies",
            "PUT /admin/v1/policies/p",
            "PUT /admin/v1/policies/p",
            "PUT /admin/v1/policies/p",
            "PUT /admin/v1/policies/p?validateOnly=true",
            "POST /admin/v1/nothing");
    assertThat(
            api.registries
                .getFirst()
                .get("kvlane.admin.refused")
                .tag("code", "unauthorized")
                .counter()
                .count())
        .isEqualTo(20);
    assertThat(api.get("/audit:verify").body().get("problem").asText()).isEmpty();
  }

  @Test
  void refusals_byTheRateLimit_growTheLogByOneLine() throws Exception {
    api.close();
    try (var slow = new AdminFixture(directory.resolve("slow"), 1)) {
      for (int i = 0; i < 10; i++) {
        slow.put("/policies/p", "{}", CREATE);
      }
      assertThat(slow.put("/policies/p", "{}", CREATE).status()).isEqualTo(429);
      assertThat(slow.stores.getFirst().audit(0, 100)).hasSizeBetween(3, 8);
    }
    api = new AdminFixture(directory, 10_000);
  }

  @Test
  void keyOfARegion_readsButWritesNothingThatHoldsEverywhere() throws Exception {
    String policy = POLICY.formatted(5, "*");
    String key = AdminFixture.REGIONAL;
    assertThat(api.send(0, key, "GET", "/policies", null).status()).isEqualTo(200);
    assertThat(api.send(0, key, "PUT", "/policies/p", policy, CREATE).status()).isEqualTo(403);
    String set = "{'changes':[{'kind':'policies','id':'default','delete':true}]}";
    assertThat(api.send(0, key, "POST", "/changesets", set).status()).isEqualTo(403);
    assertThat(api.send(0, key, "POST", "/replicas/r:drain", null).status()).isEqualTo(403);
    assertThat(api.send(0, AdminFixture.ADMIN, "POST", "/replicas/r:drain", null).status())
        .isEqualTo(404);
  }

  @Test
  void tenantsKey_cannotSeeThatOthersExist() throws Exception {
    api.put("/tenants/acme", "{}", CREATE);
    api.put("/tenants/rival", "{}", CREATE);
    api.put("/policies/rival-secret", POLICY.formatted(10, "rival"), CREATE);
    api.put("/policies/acme-theirs", POLICY.formatted(11, "rival"), CREATE);
    assertThat(acme("PUT", "/policies/acme-own", POLICY.formatted(12, "acme"), CREATE).status())
        .isEqualTo(201);
    for (String kind : List.of("/policies", "/tenants")) {
      assertThat(acme("GET", kind, null).raw().body()).contains("acme").doesNotContain("rival");
    }
    for (String name : List.of("rival-secret", "rival-none", "acme-theirs", "none")) {
      Answer got = acme("GET", "/policies/" + name, null);
      assertThat(got.status()).isEqualTo(404);
      for (String method : List.of("PUT", "DELETE")) {
        String json = method.equals("PUT") ? POLICY.formatted(13, "acme") : null;
        Answer answer = acme(method, "/policies/" + name, json, "If-Match", "\"x\"");
        assertThat(answer.status()).as(method + " " + name).isEqualTo(404);
        assertThat(answer.raw().body()).isEqualTo(got.raw().body());
      }
    }
    assertThat(acme("GET", "/tenants/rival", null).raw().body())
        .isEqualTo(acme("GET", "/tenants/none", null).raw().body());
    assertThat(acme("GET", "/policies:resolve?model=m&tenant=rival", null).status()).isEqualTo(404);
    String others = POLICY.formatted(13, "rival");
    assertThat(acme("PUT", "/policies/acme-x", others, CREATE).status()).isEqualTo(403);
    Answer taken = acme("PUT", "/policies/acme-x", POLICY.formatted(10, "acme"), CREATE);
    assertThat(taken.status()).isEqualTo(422);
    assertThat(taken.raw().body()).doesNotContain("rival");
    for (String path : List.of("/revisions", "/revisions/1", "/revisions:diff?from=1&to=2")) {
      assertThat(acme("GET", path, null).status()).isEqualTo(403);
    }
  }

  @Test
  void body_isWrong_namesThePath() throws Exception {
    record Case(String json, int status, String path) {}
    for (Case wrong :
        List.of(
            new Case("{'consistency':'CP','priority':7,'oops':1}", 422, "/oops"),
            new Case("{'consistency':'CP','priority':0}", 422, "/priority"),
            new Case("{'consistency':'XX','priority':7}", 422, "/consistency"),
            new Case("{'priority':7}", 422, ""),
            new Case("{'consistency':'CP','priority':7,'match':{'x':1}}", 422, "/match/x"),
            new Case(
                "{'consistency':'CP','priority':7,'regionOrder':['eu',7]}", 422, "/regionOrder/1"),
            new Case(
                "{'consistency':'CP','priority':7,'regionOrder':['mars']}", 422, "/regionOrder/0"),
            new Case("{'consistency':'AP','priority':7}", 422, "/partition"))) {
      Answer answer = api.put("/policies/p", wrong.json, CREATE);
      assertThat(answer.status()).as(wrong.json).isEqualTo(wrong.status);
      assertThat(answer.errorPaths()).as(wrong.json).containsExactly(wrong.path);
    }
    for (String json : List.of("", "{", "[]", "7", "{'a':1,'a':2}", "{} {}")) {
      assertThat(api.put("/policies/p", json, CREATE).status()).as(json).isEqualTo(400);
    }
    String huge = "{'description':'" + "x".repeat(1 << 20) + "'}";
    assertThat(api.put("/policies/p", huge, CREATE).status()).isEqualTo(413);
    assertThat(api.get("/policies?surprise=1").errorPaths()).containsExactly("surprise");
    assertThat(api.get("/policies?pageSize=0").errorPaths()).containsExactly("pageSize");
    assertThat(api.get("/policies?pageSize=1&pageSize=2").status()).isEqualTo(400);
    assertThat(api.get("/policies/%2e%2e").status()).isEqualTo(400);
    assertThat(api.get("/nothing").status()).isEqualTo(404);
    Answer method = api.send(0, AdminFixture.ADMIN, "POST", "/policies", "{}");
    assertThat(method.status()).isEqualTo(405);
    assertThat(method.header("Allow")).isEqualTo("GET");
  }

  @Test
  void body_mangled_isNeverA5xx() throws Exception {
    String good = "{'consistency':'CP','priority':7,'match':{'headers':{'a':'b'}},'retry':{}}";
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      var text = new StringBuilder(good);
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, "{}[]',:0a-.".charAt(random.nextInt(11)));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, random.nextInt(10));
        }
      }
      Answer answer = api.put("/policies/p?validateOnly=true", text.toString(), CREATE);
      assertThat(answer.status()).as("seed %d: %s", seed, text).isIn(201, 400, 422);
    }
  }

  @Test
  void key_asksTooMuch_waits() {
    var now = new AtomicLong();
    var limit = new RateLimit(10, 5, now::get);
    for (int i = 0; i < 5; i++) {
      assertThat(limit.allows("a")).isTrue();
    }
    assertThat(limit.allows("a")).isFalse();
    assertThat(limit.allows("b")).isTrue();
    now.addAndGet(100_000_001);
    assertThat(limit.allows("a")).isTrue();
    assertThat(limit.allows("a")).isFalse();
  }
}
