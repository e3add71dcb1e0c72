package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.admin.AdminFixture.Answer;
import io.kvlane.router.policy.PolicyStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminApiTest {
  private static final String[] CREATE = {"If-None-Match", "*"};
  private static final String P = "{'priority':7,'consistency':'CP'}";

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

  private static String priority(int priority) {
    return "{'priority':" + priority + ",'consistency':'CP'}";
  }

  @Test
  @DisplayName("ADM-1: a write says which version it knows")
  void put_precondition() throws Exception {
    assertThat(api.put("/policies/p", P).status()).isEqualTo(428);
    Answer created = api.put("/policies/p", P, CREATE);
    assertThat(created.status()).isEqualTo(201);
    Answer got = api.get("/policies/p");
    assertThat(got.etag()).startsWith("\"").isEqualTo(created.etag());

    Answer exists = api.put("/policies/p", P, CREATE);
    assertThat(exists.status()).isEqualTo(412);
    assertThat(exists.etag()).isEqualTo(got.etag());
    assertThat(api.put("/policies/p", priority(8)).status()).isEqualTo(428);
    assertThat(api.put("/policies/p", priority(8), "If-Match", "*").status()).isEqualTo(428);
    assertThat(api.put("/policies/p", priority(8), "If-Match", "nonsense").status()).isEqualTo(400);
    for (String stale : List.of("W/" + got.etag(), "\"r1-0\"", "\"a\", W/\"b\"")) {
      Answer answer = api.put("/policies/p", priority(8), "If-Match", stale);
      assertThat(answer.status()).as(stale).isEqualTo(412);
      assertThat(answer.etag()).isEqualTo(got.etag());
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }
    Answer changed =
        api.put("/policies/p", priority(8), "If-Match", "\"a\", " + got.etag() + ",\"b\"");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.etag()).isNotEqualTo(got.etag());

    String patch = "{'description':'why'}";
    assertThat(api.send(0, AdminFixture.ADMIN, "PATCH", "/policies/p", patch).status())
        .isEqualTo(428);
    Answer patched =
        api.send(0, AdminFixture.ADMIN, "PATCH", "/policies/p", patch, "If-Match", changed.etag());
    assertThat(patched.status()).isEqualTo(200);
    assertThat(api.get("/policies/p").body().get("description").asText()).isEqualTo("why");
    assertThat(api.get("/policies/p").body().get("priority").asInt()).isEqualTo(8);

    assertThat(api.send(0, AdminFixture.ADMIN, "DELETE", "/policies/p", null).status())
        .isEqualTo(428);
    assertThat(delete("/policies/p", changed.etag()).status()).isEqualTo(412);
    assertThat(delete("/policies/p", patched.etag()).status()).isEqualTo(200);
    assertThat(delete("/policies/p", patched.etag()).status()).isEqualTo(404);
    assertThat(api.get("/policies/p").status()).isEqualTo(404);
  }

  private Answer delete(String path, String etag) throws Exception {
    return api.send(0, AdminFixture.ADMIN, "DELETE", path, null, "If-Match", etag);
  }

  @Test
  @DisplayName("ADM-2: 64 writers with one ETag over three routers: 1 x 200, 63 x 412")
  void put_64WritersOverThreeRouters() throws Exception {
    String etag = api.put("/policies/p", P, CREATE).etag();
    List<Answer> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(64)) {
      var start = new CountDownLatch(1);
      List<Future<Answer>> writers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int n = i;
        writers.add(
            threads.submit(
                () -> {
                  start.await();
                  return api.send(
                      n % 3,
                      AdminFixture.OPERATOR,
                      "PUT",
                      "/policies/p",
                      priority(100 + n),
                      "If-Match",
                      etag);
                }));
      }
      start.countDown();
      for (Future<Answer> writer : writers) {
        answers.add(writer.get());
      }
    }
    Answer now = api.get("/policies/p");
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.status() == 412)
        .hasSize(63)
        .allMatch(answer -> answer.etag().equals(now.etag()));
    assertThat(api.get("/revisions").body().get("revisions").get(0).get("revision").asInt())
        .isEqualTo(3);
  }

  @Test
  @DisplayName("ADM-3, ADM-4: a change set is one revision or none, each change with its ETag")
  void changeset_allOrNothing() throws Exception {
    String etag = api.put("/policies/p", P, CREATE).etag();
    String set =
        """
        {'description':'move','changes':[
          {'kind':'policies','id':'p','ifMatch':'ETAG','patch':{'priority':SECOND}},
          {'kind':'policies','id':'q','create':true,'put':{'priority':7,'consistency':'CP'}},
          {'kind':'tenants','id':'acme','create':true,'put':{'allowedRegions':['REGION']}}]}
        """
            .replace("ETAG", etag.replace("\"", "\\'"));
    Answer refused = api.post("/changesets", set.replace("SECOND", "7").replace("REGION", "mars"));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.errorPaths())
        .containsExactlyInAnyOrder(
            "/changes/0/patch/priority",
            "/changes/1/put/priority",
            "/changes/2/put/allowedRegions/0");
    assertThat(api.get("/policies/q").status()).isEqualTo(404);

    Answer done = api.post("/changesets", set.replace("SECOND", "8").replace("REGION", "eu"));
    assertThat(done.status()).isEqualTo(201);
    assertThat(done.body().get("revision").asInt()).isEqualTo(3);
    assertThat(api.get("/revisions/3").body().get("description").asText()).isEqualTo("move");
    assertThat(api.get("/policies/q").etag())
        .isEqualTo(done.body().get("resources").get(1).get("etag").asText());
    Answer again = api.post("/changesets", set.replace("SECOND", "9").replace("REGION", "eu"));
    assertThat(again.status()).isEqualTo(412);
    assertThat(again.errorPaths()).containsExactly("/changes/0/patch");
    String blind = "{'changes':[{'kind':'policies','id':'q','delete':true}]}";
    assertThat(api.post("/changesets", blind).status()).isEqualTo(428);
  }

  @Test
  @DisplayName("ADM-5: validateOnly answers as the write would, with the diff, and does nothing")
  void put_validateOnly_sameAnswerNothingDone() throws Exception {
    Answer tried = api.put("/policies/p?validateOnly=true", P, CREATE);
    assertThat(tried.header("X-Validate-Only")).isEqualTo("true");
    assertThat(api.get("/policies/p").status()).isEqualTo(404);
    assertThat(api.get("/audit").body().get("audit")).hasSize(1);
    Answer done = api.put("/policies/p", P, CREATE);
    assertThat(tried.status()).isEqualTo(done.status()).isEqualTo(201);
    assertThat(((ObjectNode) tried.body()).remove("impact")).isNotNull();
    assertThat(tried.body()).isEqualTo(done.body());
    assertThat(tried.etag()).isEqualTo(done.etag());
    assertThat(done.body().at("/diff/0/path").asText()).isEqualTo("/policies/p");
    for (String query : List.of("?validateOnly=true", "")) {
      assertThat(api.put("/policies/p" + query, P, CREATE).status()).isEqualTo(412);
      assertThat(api.put("/policies/p" + query, P).status()).isEqualTo(428);
      Answer viewer =
          api.send(0, AdminFixture.VIEWER, "PUT", "/policies/p" + query, P, "If-Match", "\"x\"");
      assertThat(viewer.status()).isEqualTo(403);
    }
  }

  @Test
  @DisplayName("ADM-6: diff between any two revisions, rollback as a new one under If-Match")
  void rollback_isANewRevision() throws Exception {
    api.put("/policies/p", P, CREATE);
    api.put("/policies/p", priority(9), "If-Match", api.get("/policies/p").etag());
    Answer diff = api.get("/revisions:diff?from=2&to=3");
    assertThat(diff.body().at("/diff/0/path").asText()).isEqualTo("/policies/p/priority");
    assertThat(diff.body().at("/diff/0/from").asInt()).isEqualTo(7);
    assertThat(diff.body().at("/diff/0/to").asInt()).isEqualTo(9);
    String head = api.get("/revisions").etag();
    assertThat(api.post("/revisions/2:rollback", null).status()).isEqualTo(428);
    String old = api.get("/revisions/2").etag();
    assertThat(api.post("/revisions/2:rollback", null, "If-Match", old).status()).isEqualTo(412);
    Answer back = api.post("/revisions/2:rollback", null, "If-Match", head);
    assertThat(back.status()).isEqualTo(201);
    assertThat(back.body().get("revision").asInt()).isEqualTo(4);
    assertThat(api.get("/policies/p").body().get("priority").asInt()).isEqualTo(7);
    assertThat(api.get("/revisions:diff?from=2&to=4").body().get("diff")).isEmpty();
    assertThat(api.get("/revisions/3").body().at("/policies/1/priority").asInt()).isEqualTo(9);
    assertThat(api.post("/revisions/99:rollback", null, "If-Match", head).status()).isEqualTo(404);
  }

  @Test
  void audit_newestFirst_isReadInPagesToItsBeginning() throws Exception {
    for (int i = 0; i < 4; i++) {
      String json = "{'priority':" + (i + 1) + ",'consistency':'CP'}";
      assertThat(api.put("/policies/p" + i, json, CREATE).status()).isEqualTo(201);
    }
    List<Long> seen = new ArrayList<>();
    String token = "";
    do {
      var page = api.get("/audit?order=newest&pageSize=2&pageToken=" + token).body();
      page.get("audit").forEach(line -> seen.add(line.get("seq").asLong()));
      token = page.get("nextPageToken").asText();
    } while (!token.isEmpty());

    long entries = api.get("/audit:verify").body().get("entries").asLong();
    assertThat(entries).isGreaterThan(3);
    assertThat(seen).hasSize((int) entries).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(seen).endsWith(1L);
    assertThat(api.get("/audit?order=sideways").status()).isEqualTo(400);
  }

  @Test
  @DisplayName("ADM-7, CAP-8: who, when, ETags, diff and trace id, also of what was refused")
  void audit_knowsWritesAndRefusals() throws Exception {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    api.put("/policies/p", P, "If-None-Match", "*", "traceparent", trace);
    String ap =
        "{'consistency':'AP','partition':{'onPartition':'REJECT','maxStalenessMs':1,"
            + "'maxOvershoot':0}}";
    String etag = api.get("/policies/p").etag();
    api.send(0, AdminFixture.OPERATOR, "PATCH", "/policies/p", ap, "If-Match", "\"old\"");
    api.send(0, AdminFixture.OPERATOR, "PATCH", "/policies/p", ap, "If-Match", etag);
    var log = api.get("/audit?pageSize=10").body().get("audit");
    assertThat(log).hasSize(4);
    assertThat(log.get(1).at("/entry/traceId").asText())
        .isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(log.get(1).at("/entry/actor").asText()).isEqualTo("admin");
    assertThat(log.get(2).at("/entry/outcome").asText()).isEqualTo("STALE");
    assertThat(log.get(2).at("/entry/ifMatch").asText()).isEqualTo("\"old\"");
    assertThat(log.get(3).at("/entry/actor").asText()).isEqualTo("operator");
    assertThat(log.get(3).at("/entry/action").asText()).isEqualTo("PATCH /admin/v1/policies/p");
    assertThat(log.get(3).at("/entry/diff/0/path").asText()).isEqualTo("/policies/p/consistency");
    assertThat(api.get("/audit:verify").body().get("problem").asText()).isEmpty();
    await().until(() -> api.policies.getFirst().current().revision() == 3);
    assertThat(api.get("/policies:resolve?model=m").body().get("consistency").asText())
        .isEqualTo("AP");
  }

  @Test
  @DisplayName("ADM-9: answers carry the revision that the router serves")
  void answers_carryTheRevision() throws Exception {
    api.put("/policies/p", P, CREATE);
    for (int i = 0; i < 3; i++) {
      int router = i;
      await().until(() -> api.policies.get(router).current().revision() == 2);
      Answer answer = api.send(i, AdminFixture.VIEWER, "GET", "/status", null);
      assertThat(answer.header("X-Config-Revision")).isEqualTo("2");
      assertThat(answer.body().get("revision").asInt()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("CAP-5, CAP-6: without the store writes and reads are 503, what is served stays")
  void storeIsCutOff_503() throws Exception {
    api.put("/policies/p", P, CREATE);
    await().until(() -> api.policies.getFirst().current().revision() == 2);
    api.stores.forEach(PolicyStore::close);
    Answer put = api.put("/policies/q", priority(8), CREATE);
    assertThat(put.status()).isEqualTo(503);
    assertThat(put.code()).isEqualTo("policy-store-unavailable");
    assertThat(put.header("Retry-After")).isNotEmpty();
    assertThat(api.get("/policies/p").status()).isEqualTo(503);
    Answer resolved = api.get("/policies:resolve?model=m&header.X-Team=a");
    assertThat(resolved.status()).isEqualTo(200);
    assertThat(resolved.body().at("/policy/id").asText()).isEqualTo("p");
    assertThat(resolved.body().at("/steps/0/why").asText()).isEqualTo("matched");
    assertThat(api.get("/status").body().get("revision").asInt()).isEqualTo(2);
  }

  @Test
  @DisplayName("IDM-1, IDM-3, IDM-5: Idempotency-Key on POST")
  void post_sameKey() throws Exception {
    String set = "{'changes':[{'kind':'policies','id':'p','create':true,'put':" + P + "}]}";
    String sameSet = "{'changes':[{'put':" + P + ",'create':true,'id':'p','kind':'policies'}]}";
    Answer first = api.post("/changesets", set, "Idempotency-Key", "\"k-1\"");
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.header("Idempotency-Replayed")).isEmpty();
    Answer again = api.post("/changesets", sameSet, "Idempotency-Key", "k-1");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.raw().body()).isEqualTo(first.raw().body());
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    Answer other = api.post("/changesets", set.replace("'p'", "'q'"), "Idempotency-Key", "k-1");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.code()).isEqualTo("idempotency-key-reused");
    Answer foreign =
        api.send(1, AdminFixture.OPERATOR, "POST", "/changesets", set, "Idempotency-Key", "k-1");
    assertThat(foreign.status()).isEqualTo(412);
    for (String bad : List.of("", "\"\"", "a b", "x".repeat(256))) {
      assertThat(api.post("/changesets", set, "Idempotency-Key", bad).status()).isEqualTo(400);
    }
    Answer twice = api.post("/changesets", set, "Idempotency-Key", "a", "Idempotency-Key", "b");
    assertThat(twice.status()).isEqualTo(400);
    assertThat(api.get("/revisions").body().get("revisions")).hasSize(2);
  }

  @Test
  void list_pagesAndFilters() throws Exception {
    for (int i = 1; i <= 5; i++) {
      String json = "{'priority':%d,'consistency':'CP','match':{'tenant':'t%d'}}";
      api.put("/policies/p" + i, json.formatted(i, i % 2), CREATE);
    }
    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      Answer page = api.get("/policies?pageSize=2&pageToken=" + token);
      page.body().get("policies").forEach(policy -> seen.add(policy.get("id").asText()));
      token = page.body().get("nextPageToken").asText();
    } while (!token.isEmpty());
    assertThat(seen).containsExactly("default", "p1", "p2", "p3", "p4", "p5");
    Answer filtered = api.get("/policies?filter=match.tenant%3Dt1%20AND%20consistency%20%3D%20CP");
    assertThat(filtered.body().get("policies")).hasSize(3);
    assertThat(api.get("/policies?filter=nonsense").status()).isEqualTo(400);
    assertThat(api.get("/policies?pageToken=%21%21").status()).isEqualTo(400);
    assertThat(api.get("/audit?pageSize=2").body().get("audit")).hasSize(2);
    String next = api.get("/revisions?pageSize=4").body().get("nextPageToken").asText();
    assertThat(api.get("/revisions?pageToken=" + next).body().get("revisions")).hasSize(2);
  }
}
