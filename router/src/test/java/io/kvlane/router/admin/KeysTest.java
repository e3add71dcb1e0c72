package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.admin.AdminFixture.Answer;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.ResourceKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are made by the admin API, at three routers. */
class KeysTest {
  private static final String POLICY = "{'priority':5,'consistency':'CP'}";
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

  /** Makes a key; {@code json} is what it says beside its name. */
  private String made(String id, String json) throws Exception {
    Answer answer = api.post("/keys", "{'id':'" + id + "'," + json + '}');
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
    return answer.body().path("secret").asText();
  }

  private String rotated(String id, String json) throws Exception {
    Answer answer = api.post("/keys/" + id + ":rotate", json, "If-Match", etag(id));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    return answer.body().path("secret").asText();
  }

  private String etag(String id) throws Exception {
    return api.get("/keys/" + id).etag();
  }

  private int status(int router, String secret) throws Exception {
    return api.send(router, secret, "GET", "/status", null).status();
  }

  private void awaitStatus(String secret, int status) {
    for (int i = 0; i < 3; i++) {
      int router = i;
      await().atMost(Duration.ofSeconds(30)).until(() -> status(router, secret) == status);
    }
  }

  @Test
  void create_showsASecretOnce_thatOpensAtAllRouters() throws Exception {
    Answer made = api.post("/keys", "{'id':'ci','role':'OPERATOR','description':'builds'}");

    String secret = made.body().path("secret").asText();
    assertThat(made.status()).isEqualTo(201);
    assertThat(secret).matches("kvl_[A-Za-z0-9_-]{43}");
    assertThat(made.header("Cache-Control")).isEqualTo("no-store");
    assertThat(made.header("ETag")).isEqualTo(etag("ci"));
    assertThat(api.get("/keys/ci").raw().body()).doesNotContain("kvl_");
    assertThat(api.get("/keys").body().path("keys").findValuesAsText("id")).containsExactly("ci");
    Instant end = Instant.parse(api.get("/keys/ci").body().path("expiresAt").asText());
    assertThat(end)
        .isBetween(Instant.now().plusSeconds(89 * 86_400), Instant.now().plusSeconds(90 * 86_400));
    awaitStatus(secret, 200);

    Answer written = api.send(1, secret, "PUT", "/policies/p", POLICY, CREATE);

    assertThat(written.status()).isEqualTo(201);
    assertThat(api.get("/audit").body().path("audit").findValuesAsText("actor"))
        .containsExactly("kvlane", "admin", "keys/ci");
    assertThat(api.send(1, secret, "GET", "/keys", null).status()).isEqualTo(403);
  }

  @Test
  void secretAndHash_areNowhere() throws Exception {
    List<String> told = new ArrayList<>();
    Answer first = api.post("/keys", "{'id':'ci','role':'ADMIN'}");
    String one = first.body().path("secret").asText();
    told.add(first.raw().body().replace(one, ""));
    Answer second = api.post("/keys/ci:rotate", "{}", "If-Match", first.etag());
    String two = second.body().path("secret").asText();
    told.add(second.raw().body().replace(two, ""));
    Answer patched =
        api.send(
            0,
            AdminFixture.ADMIN,
            "PATCH",
            "/keys/ci",
            "{'description':'x'}",
            "If-Match",
            second.etag());
    assertThat(patched.status()).isEqualTo(200);
    told.add(patched.raw().body());
    for (String path :
        List.of(
            "/keys",
            "/keys/ci",
            "/keys?filter=rotation.hash%3D" + KeyHash.of(two),
            "/revisions",
            "/revisions/4",
            "/revisions:diff?from=1&to=4",
            "/revisions:diff?from=2&to=3",
            "/rollouts",
            "/audit")) {
      Answer answer = api.get(path);
      assertThat(answer.status()).as(path).isEqualTo(200);
      told.add(answer.raw().body());
    }
    Answer gone =
        api.send(0, AdminFixture.ADMIN, "DELETE", "/keys/ci", null, "If-Match", patched.etag());
    assertThat(gone.status()).isEqualTo(200);
    told.add(gone.raw().body());
    told.add(api.get("/audit").raw().body());

    assertThat(two).isNotEqualTo(one);
    for (String text : told) {
      assertThat(text).doesNotContain(one, two, KeyHash.of(one), KeyHash.of(two));
    }
    // What was stored is the hash, and nothing but the hash: otherwise this would prove nothing.
    String stored = stored("ci", 4);
    assertThat(stored).contains(KeyHash.of(one), KeyHash.of(two)).doesNotContain(one, two);
    assertThat(String.join("", told)).contains("/keys/ci/rotation/generation");
    assertThat(api.get("/audit:verify").body().path("problem").asText()).isEmpty();
  }

  private String stored(String id, long revision) {
    var key = new ResourceKey(Kind.KEY, id);
    return api.stores.getFirst().at(revision).orElseThrow().content().get(key).json();
  }

  @Test
  void create_repeated_isAnsweredWithoutTheSecret() throws Exception {
    String json = "{'id':'ci','role':'VIEWER'}";
    Answer first = api.post("/keys", json, "Idempotency-Key", "k1");

    Answer again = api.post("/keys", json, "Idempotency-Key", "k1");

    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(again.header("ETag")).isEqualTo(first.etag());
    assertThat(again.body().has("secret")).isFalse();
    assertThat(api.stores.getFirst().head()).isEqualTo(2);
    awaitStatus(first.body().path("secret").asText(), 200);
    Answer other = api.post("/keys", json);
    assertThat(other.status()).isEqualTo(412);
    assertThat(other.body().has("secret")).isFalse();
  }

  @Test
  void create_onlyTried_makesNothing() throws Exception {
    Answer tried = api.post("/keys?validateOnly=true", "{'id':'ci','role':'VIEWER'}");

    assertThat(tried.status()).isEqualTo(201);
    assertThat(tried.body().has("secret")).isFalse();
    assertThat(api.get("/keys/ci").status()).isEqualTo(404);
  }

  @Test
  void create_wrong_isRefusedWithItsField() throws Exception {
    record Case(String json, String path) {}
    for (Case wrong :
        List.of(
            new Case("'role':'ROOT'", "/role"),
            new Case("'role':'VIEWER','ttlSeconds':0", "/ttlSeconds"),
            new Case("'role':'VIEWER','expiresAt':'soon'", "/expiresAt"),
            new Case("'role':'VIEWER','expiresAt':'2020-01-01T00:00:00Z'", "/expiresAt"),
            new Case(
                "'role':'VIEWER','ttlSeconds':9,'expiresAt':'2999-01-01T00:00:00Z'", "/ttlSeconds"),
            new Case("'role':'VIEWER','regions':['mars']", "/regions/0"),
            new Case("'role':'VIEWER','hash':'00'", "/hash"))) {
      Answer answer = api.post("/keys", "{'id':'ci'," + wrong.json + '}');
      assertThat(answer.status()).as(wrong.json).isEqualTo(422);
      assertThat(answer.errorPaths()).as(wrong.json).containsExactly(wrong.path);
    }
  }

  @Test
  void key_expired_opensNothing() throws Exception {
    String secret = made("ci", "'role':'VIEWER','ttlSeconds':6");
    awaitStatus(secret, 200);
    awaitStatus(secret, 401);

    rotated("ci", "{'ttlSeconds':60}");

    assertThat(api.get("/keys/ci").body().at("/rotation/previousUntil").asText()).isEmpty();
    assertThat(status(0, secret)).isEqualTo(401);
  }

  @Test
  void rotate_bothSecretsOpenUntilTheOverlapEnds() throws Exception {
    String first = made("ci", "'role':'VIEWER'");
    String second = rotated("ci", "{'overlapSeconds':6}");
    awaitStatus(second, 200);
    assertThat(status(0, first)).isEqualTo(200);
    awaitStatus(first, 401);
    assertThat(status(0, second)).isEqualTo(200);

    String third = rotated("ci", "{'overlapSeconds':0}");

    awaitStatus(second, 401);
    awaitStatus(third, 200);
    assertThat(api.get("/keys/ci").body().at("/rotation/generation").asInt()).isEqualTo(3);
  }

  @Test
  @DisplayName("ADM-1: who rotates names what they know")
  void rotate_withoutTheEtag_isRefused() throws Exception {
    made("ci", "'role':'VIEWER'");
    String stale = etag("ci");
    rotated("ci", "{}");

    assertThat(api.post("/keys/ci:rotate", "{}").status()).isEqualTo(428);
    assertThat(api.post("/keys/ci:rotate", "{}", "If-Match", stale).status()).isEqualTo(412);
    assertThat(api.post("/keys/other:rotate", "{}", "If-Match", stale).status()).isEqualTo(404);
  }

  @Test
  void revoke_opensNothingAnyMore() throws Exception {
    String secret = made("ci", "'role':'VIEWER'");
    awaitStatus(secret, 200);

    api.send(0, AdminFixture.ADMIN, "DELETE", "/keys/ci", null, "If-Match", etag("ci"));

    awaitStatus(secret, 401);
    assertThat(status(0, AdminFixture.ADMIN)).isEqualTo(200);
  }

  @Test
  void keys_areForAdminsOnly() throws Exception {
    made("ci", "'role':'VIEWER'");
    String etag = etag("ci");
    for (String key : List.of(AdminFixture.VIEWER, AdminFixture.OPERATOR, AdminFixture.ACME)) {
      assertThat(api.send(0, key, "GET", "/keys", null).status()).isEqualTo(403);
      assertThat(api.send(0, key, "GET", "/keys/ci", null).status()).isEqualTo(403);
      String json = "{'id':'x','role':'VIEWER'}";
      assertThat(api.send(0, key, "POST", "/keys", json).status()).isEqualTo(403);
      String[] known = {"If-Match", etag};
      assertThat(api.send(0, key, "POST", "/keys/ci:rotate", "{}", known).status()).isEqualTo(403);
      assertThat(api.send(0, key, "DELETE", "/keys/ci", null, known).status()).isEqualTo(403);
    }
    assertThat(api.send(0, AdminFixture.VIEWER, "GET", "/revisions/2", null).raw().body())
        .doesNotContain("\"ci\"");
    assertThat(api.send(0, AdminFixture.VIEWER, "GET", "/revisions:diff?from=1&to=2", null).body())
        .hasToString("{\"diff\":[]}");
  }

  @Test
  @DisplayName("a key cannot give more than its maker has, nor see what is not its tenant's")
  void scopedAdmin_staysWithinItsScope() throws Exception {
    String boss = made("acme-boss", "'role':'ADMIN','tenants':['acme']");
    made("ops", "'role':'ADMIN'");
    made("acme-root", "'role':'ADMIN'"); // named so, but for all tenants
    made("acme-both", "'role':'VIEWER','tenants':['acme','globex']");
    awaitStatus(boss, 200);

    String own = "{'id':'acme-x','role':'ADMIN','tenants':['acme']}";
    assertThat(api.send(0, boss, "POST", "/keys", own).status()).isEqualTo(201);
    String wide = "{'id':'acme-y','role':'VIEWER'}";
    assertThat(api.send(0, boss, "POST", "/keys", wide).status()).isEqualTo(403);
    String two = "{'id':'acme-y','role':'VIEWER','tenants':['acme','globex']}";
    assertThat(api.send(0, boss, "POST", "/keys", two).status()).isEqualTo(403);
    String foreign = "{'id':'globex-y','role':'VIEWER','tenants':['globex']}";
    assertThat(api.send(0, boss, "POST", "/keys", foreign).status()).isEqualTo(404);
    for (String widened : List.of("{'tenants':[]}", "{'tenants':['globex']}")) {
      String[] known = {"If-Match", etag("acme-x")};
      assertThat(api.send(0, boss, "PATCH", "/keys/acme-x", widened, known).status())
          .isEqualTo(403);
    }
    for (String id : List.of("ops", "acme-root", "acme-both", "no-such", "acme-nothing")) {
      String[] known = {"If-Match", id.contains("no") ? "\"r1-0\"" : etag(id)};
      assertThat(api.send(0, boss, "GET", "/keys/" + id, null).status()).isEqualTo(404);
      assertThat(api.send(0, boss, "POST", "/keys/" + id + ":rotate", "{}", known).status())
          .isEqualTo(404);
      assertThat(api.send(0, boss, "DELETE", "/keys/" + id, null, known).status()).isEqualTo(404);
    }
    assertThat(api.send(0, boss, "GET", "/keys", null).body().path("keys").findValuesAsText("id"))
        .containsExactly("acme-boss", "acme-x");
    String regional = "{'id':'y','role':'VIEWER','regions':['us']}";
    assertThat(api.send(0, AdminFixture.REGIONAL, "POST", "/keys", regional).status())
        .isEqualTo(403);
  }

  @Test
  @DisplayName("ADM-6: going back neither opens what was revoked nor revokes what is newer")
  void rollback_leavesKeysAsTheyAre() throws Exception {
    String revoked = made("revoked", "'role':'VIEWER'");
    api.put("/policies/p", POLICY, CREATE);
    api.send(0, AdminFixture.ADMIN, "DELETE", "/keys/revoked", null, "If-Match", etag("revoked"));
    String newer = made("newer", "'role':'VIEWER'");

    Answer back = api.post("/revisions/2:rollback", null, "If-Match", api.get("/revisions").etag());

    assertThat(back.status()).isEqualTo(201);
    assertThat(back.body().path("diff").findValuesAsText("path")).containsExactly("/policies/p");
    assertThat(api.get("/policies/p").status()).isEqualTo(404);
    awaitStatus(newer, 200);
    assertThat(api.get("/keys/revoked").status()).isEqualTo(404);
    awaitStatus(revoked, 401);
  }

  @Test
  void secret_cannotBeWritten() throws Exception {
    String secret = made("ci", "'role':'VIEWER'");
    String chosen = KeyHash.of("chosen");
    String document = "{'role':'VIEWER','expiresAt':'2999-01-01T00:00:00Z'}";
    assertThat(api.put("/keys/new", document, CREATE).status()).isEqualTo(422);
    String set = "{'changes':[{'kind':'keys','id':'x','create':true,'put':" + document + "}]}";
    assertThat(api.post("/changesets", set).status()).isEqualTo(422);
    String patch =
        "{'description':'x','rotation':{'generation':9,'hash':'"
            + chosen
            + "','previousHash':null}}";

    Answer patched =
        api.send(0, AdminFixture.ADMIN, "PATCH", "/keys/ci", patch, "If-Match", etag("ci"));

    assertThat(patched.status()).as(patched.raw().body()).isEqualTo(200);
    awaitStatus(secret, 200);
    assertThat(status(0, "chosen")).isEqualTo(401);
    assertThat(api.get("/keys/ci").body().at("/rotation/generation").asInt()).isEqualTo(1);
    // What was read can be written back.
    String read = api.get("/keys/ci").raw().body();
    assertThat(api.put("/keys/ci", read, "If-Match", etag("ci")).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("CAP-5: keys open at routers that cannot reach the store")
  void key_opensWithoutTheStore() throws Exception {
    String secret = made("ci", "'role':'VIEWER'");
    awaitStatus(secret, 200);

    api.stores.forEach(PolicyStore::close);

    assertThat(status(1, secret)).isEqualTo(200);
  }

  @Test
  @DisplayName("ADM-7: strangers' writes are one line a minute, whatever their number")
  void strangers_areCounted() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertThat(api.send(0, "wrong", "PUT", "/policies/p", POLICY, CREATE).status())
          .isEqualTo(401);
      api.send(0, "wrong", "GET", "/policies", null);
    }
    assertThat(api.notes).isEmpty();

    api.tally();

    assertThat(api.notes).hasSize(1);
    assertThat(api.notes.getFirst().errors().getFirst().message()).startsWith("50 requests");
    assertThat(api.notes.getFirst().router()).isEqualTo("eu/router-0");
    api.tally();
    assertThat(api.notes).hasSize(1);
  }
}
