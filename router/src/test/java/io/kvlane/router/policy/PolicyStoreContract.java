package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the store promises, whichever database is below. */
abstract class PolicyStoreContract {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final List<PolicyStore> stores = new ArrayList<>();
  private String url = "";

  /** The URL of an empty database. */
  abstract String newDatabase() throws Exception;

  @BeforeEach
  void open() throws Exception {
    url = newDatabase();
    stores.add(PolicyStore.open(url, "", "", now::get));
  }

  @AfterEach
  void close() {
    stores.forEach(PolicyStore::close);
  }

  private PolicyStore store() {
    return stores.getFirst();
  }

  private PolicyStore another() {
    stores.add(PolicyStore.open(url, "", "", now::get));
    return stores.getLast();
  }

  private static Refused refusal(Callable<Written> write) {
    return catchThrowableOfType(Refused.class, write::call);
  }

  @Test
  void write_isThere_alsoForAnotherAndAfterReopening() throws Exception {
    Written written = Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    assertThat(written.revision()).isEqualTo(2);
    State seen = another().current();
    assertThat(seen.etag()).isEqualTo(store().current().etag());
    assertThat(seen.content()).isEqualTo(store().current().content());
    close();
    stores.clear();
    assertThat(another().current()).isEqualTo(seen);
  }

  @Test
  void current_whileRevisionOneIsWritten_waitsForIt() throws Exception {
    var begun = new CompletableFuture<PolicyStore>();
    var read = new AtomicReference<CompletableFuture<State>>();
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      // The clock is asked between lock and commit.
      InstantSource clock =
          () -> {
            if (read.get() == null) {
              read.set(CompletableFuture.supplyAsync(() -> begun.join().current(), reader));
              // It is to wait for this very write.
              read.get().copy().completeOnTimeout(State.NONE, 500, TimeUnit.MILLISECONDS).join();
            }
            return NOW;
          };
      begun.complete(PolicyStore.of(newDatabase(), "", "", Policy.DEFAULTS, clock));
      stores.add(begun.join());

      assertThat(begun.join().current().revision()).isEqualTo(1);
      assertThat(read.get().get().revision()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("ADM-6: revisions stay as they were")
  void at_olderRevision_isAsItWas() throws Exception {
    State before = store().current();
    Written p = Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    Writes.put(store(), "p", 8, new Precondition.Matches(List.of(p.etag())), null);
    State two = store().at(2).orElseThrow();
    assertThat(two.content().get(Samples.policyKey("p")).json()).contains("\"priority\":7");
    assertThat(two.content().get(Samples.policyKey("p")).etag()).isEqualTo(p.etag());
    assertThat(store().at(1)).contains(before);
    assertThat(store().at(4)).isEmpty();
    assertThat(store().revisions(Long.MAX_VALUE, 10))
        .extracting(RevisionInfo::revision, RevisionInfo::parent)
        .containsExactly(tuple(3L, 2L), tuple(2L, 1L), tuple(1L, 0L));
    assertThat(store().revisions(3, 1)).extracting(RevisionInfo::author).containsExactly("writer");
  }

  @Test
  @DisplayName("ADM-2: 64 writers with one ETag over three routers: one wins, 63 are stale")
  void write_64WithOneEtag_oneWins() throws Exception {
    Written base = Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    List<PolicyStore> three = List.of(store(), another(), another());
    List<String> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(64)) {
      var start = new CountDownLatch(1);
      List<Future<String>> writers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int priority = 100 + i;
        writers.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    var precondition = new Precondition.Matches(List.of(base.etag()));
                    Writes.put(three.get(priority % 3), "p", priority, precondition, null);
                    return "done";
                  } catch (Refused e) {
                    return e.reason() + " " + e.etag();
                  }
                }));
      }
      start.countDown();
      for (Future<String> writer : writers) {
        outcomes.add(writer.get());
      }
    }
    State state = another().current();
    String etag = state.content().get(Samples.policyKey("p")).etag();
    assertThat(outcomes).filteredOn("done"::equals).hasSize(1);
    assertThat(outcomes).filteredOn(("STALE " + etag)::equals).hasSize(63);
    assertThat(state.revision()).isEqualTo(base.revision() + 1);
    assertThat(store().verifyAudit().ok()).isTrue();
    assertThat(store().verifyAudit().entries()).isEqualTo(2 + 64);
  }

  /** What routers serve, of which this store knows nothing any more. */
  private State lost() throws Exception {
    Written p = Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    Writes.put(store(), "p", 8, new Precondition.Matches(List.of(p.etag())), null);
    Writes.put(store(), "q", 9, new Precondition.Absent(), null);
    State served = store().current();
    close();
    stores.clear();
    open();
    Writes.put(store(), "mine", 5, new Precondition.Absent(), null);
    assertThat(store().current().hasLost(served)).isTrue();
    return served;
  }

  @Test
  @DisplayName("A restored store goes on above what routers serve, with the policies they serve")
  void goOn_keepServed_hasTheirContentUnderANewNumber() throws Exception {
    State served = lost();

    assertThat(store().goOn("kvlane/reconcile", served, true)).hasValue(5);

    State now = another().current();
    assertThat(now.revision()).isEqualTo(served.revision() + 1);
    assertThat(now.content().resources().keySet()).isEqualTo(served.content().resources().keySet());
    ResourceKey p = Samples.policyKey("p");
    assertThat(now.content().get(p).json()).isEqualTo(served.content().get(p).json());
    assertThat(store().current()).isEqualTo(now);
    assertThat(store().revisions(Long.MAX_VALUE, 2))
        .extracting(RevisionInfo::revision, RevisionInfo::parent)
        .containsExactly(tuple(5L, 2L), tuple(2L, 1L));
    assertThat(store().verifyAudit().ok()).isTrue();
    assertThat(store().audit(0, 10).getLast().entry().path("action").asText())
        .isEqualTo("reconcile");
    assertThat(store().goOn("kvlane/reconcile", served, true)).as("once more").isEmpty();
    assertThat(Writes.put(store(), "r", 10, new Precondition.Absent(), null).revision())
        .isEqualTo(6);
  }

  @Test
  @DisplayName("... or with its own")
  void goOn_keepRestored_hasItsOwnContentUnderANewNumber() throws Exception {
    State served = lost();
    Content own = store().current().content();

    assertThat(store().goOn("kvlane/reconcile", served, false)).hasValue(5);

    assertThat(another().current().content()).isEqualTo(own);
    assertThat(another().current().hasLost(served)).isFalse();
    assertThat(Writes.put(store(), "r", 10, new Precondition.Absent(), null).revision())
        .isEqualTo(6);
    assertThat(store().verifyAudit().ok()).isTrue();
  }

  @Test
  void goOn_nothingIsLost_changesNothing() throws Exception {
    Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    State served = store().current();
    assertThat(store().goOn("kvlane/reconcile", served, true)).isEmpty();
    assertThat(store().current()).isEqualTo(served);
    assertThat(store().verifyAudit().entries()).isEqualTo(2);
  }

  @Test
  @DisplayName("ADM-8: three owners that end a canary at once: one ends it, for one reason")
  void end_byThreeOwnersAtOnce_happensOnce() throws Exception {
    var slo = new Canary.Slo(1, 0, 0, 100);
    var plan = new Canary("canary", 10, List.of(), 0, slo, Canary.Promote.AUTO, 0, List.of());
    Change change =
        Samples.put("p", "{'priority':7,'consistency':'CP'}", new Precondition.Absent());
    store()
        .write(
            new WriteRequest("writer", "begin", "", "", null),
            state ->
                new PolicyStore.Outcome(
                    Writes.DECIDER.decide(state, List.of(change), List.of(""), "", plan),
                    next -> new Written(201, "", "{}", next.revision(), false)));
    List<PolicyStore> three = List.of(store(), another(), another());
    List<Future<Boolean>> enders = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (PolicyStore owner : three) {
        boolean promote = enders.isEmpty();
        enders.add(threads.submit(() -> ends(owner, promote)));
      }
    }

    int ended = 0;
    for (Future<Boolean> ender : enders) {
      ended += ender.get() ? 1 : 0;
    }
    assertThat(ended).isEqualTo(1);
    assertThat(store().head()).isEqualTo(3);
    assertThat(store().current().content().canary()).isNull();
    assertThat(store().canaries(1)).hasSize(2);
    assertThat(store().verifyAudit().problem()).isEmpty();
  }

  private static boolean ends(PolicyStore owner, boolean promote) {
    try {
      owner.write(
          new WriteRequest("kvlane/rollouts", "end", "", "", null),
          state ->
              new PolicyStore.Outcome(
                  Writes.DECIDER.end(state, 2, promote, "end"),
                  next -> new Written(200, "", "{}", next.revision(), false)));
      return true;
    } catch (Refused e) {
      assertThat(e.reason()).isEqualTo(Refused.Reason.ROLLOUT);
      return false;
    }
  }

  @Test
  void write_64DifferentResourcesAtOnce_allAreDone() throws Exception {
    List<PolicyStore> three = List.of(store(), another(), another());
    try (ExecutorService threads = Executors.newFixedThreadPool(64)) {
      List<Future<Written>> writers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int n = i + 1;
        writers.add(
            threads.submit(
                () -> Writes.put(three.get(n % 3), "p" + n, n, new Precondition.Absent(), null)));
      }
      for (Future<Written> writer : writers) {
        assertThat(writer.get().status()).isEqualTo(201);
      }
    }
    assertThat(store().current().revision()).isEqualTo(65);
    assertThat(store().current().content().resources()).hasSize(65);
  }

  @Test
  @DisplayName("IDM-3, IDM-5: an equal request is done once, another one with its key is refused")
  void write_sameKeyAgain_replaysOrRefuses() throws Exception {
    var once = new WriteRequest.Once("k1 POST", "key-1", "f1");
    Written first = Writes.put(store(), "p", 7, new Precondition.Absent(), once);
    Written again = Writes.put(another(), "p", 7, new Precondition.Absent(), once);
    assertThat(again.replayed()).isTrue();
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.status()).isEqualTo(first.status());
    assertThat(store().head()).isEqualTo(2);
    var other = new WriteRequest.Once("k1 POST", "key-1", "f2");
    assertThat(
            refusal(() -> Writes.put(store(), "q", 8, new Precondition.Absent(), other)).reason())
        .isEqualTo(Refused.Reason.KEY_REUSED);
    var foreign = new WriteRequest.Once("k2 POST", "key-1", "f2");
    assertThat(Writes.put(store(), "q", 8, new Precondition.Absent(), foreign).replayed())
        .isFalse();
  }

  @Test
  @DisplayName("IDM-14: a key is remembered for 24 h at least, and not for ever")
  void write_keyIsOld_isForgotten() throws Exception {
    var once = new WriteRequest.Once("k1 POST", "key-1", "f1");
    Written first = Writes.put(store(), "p", 7, new Precondition.Absent(), once);
    now.set(NOW.plusSeconds(24 * 3600));
    assertThat(Writes.put(store(), "p", 7, new Precondition.Absent(), once).replayed()).isTrue();
    now.set(NOW.plusSeconds(49 * 3600));
    Writes.put(store(), "q", 8, new Precondition.Absent(), new WriteRequest.Once("x", "y", "z"));
    var precondition = new Precondition.Matches(List.of(first.etag()));
    assertThat(Writes.put(store(), "p", 9, precondition, once).replayed()).isFalse();
  }

  @Test
  @DisplayName("ADM-7: what is no write is a line of the log, and no revision")
  void note_isALineOfTheLog() {
    State before = store().current();
    var note =
        new AuditNote(
            "olga",
            "POST /admin/v1/regions/eu:drain",
            "",
            "DONE",
            List.of(),
            "eu/router-2",
            NOW.toEpochMilli());

    store().note(note);
    store().note(note);

    assertThat(store().current()).isEqualTo(before);
    assertThat(store().verifyAudit().ok()).isTrue();
    AuditEntry line = store().audit(0, 100).getLast();
    assertThat(line.seq()).isEqualTo(3);
    assertThat(line.entry().path("actor").asText()).isEqualTo("olga");
    assertThat(line.entry().path("router").asText()).isEqualTo("eu/router-2");
    assertThat(line.entry().path("noticedAt").asText()).isEqualTo(NOW.toString());
    assertThat(line.entry().path("revision").asLong()).isEqualTo(1);
  }

  @Test
  @DisplayName("ADM-7: the audit log knows writes and refusals, and shows what was done to it")
  void verifyAudit_somebodyChangedALine_saysWhich() throws Exception {
    Written p = Writes.put(store(), "p", 7, new Precondition.Absent(), null);
    refusal(() -> Writes.put(store(), "p", 8, new Precondition.Absent(), null));
    List<AuditEntry> log = store().audit(0, 10);
    assertThat(log).hasSize(3);
    assertThat(log.get(1).entry().get("outcome").asText()).isEqualTo("DONE");
    assertThat(log.get(1).entry().get("diff").get(0).get("path").asText()).isEqualTo("/policies/p");
    assertThat(log.get(1).entry().get("actor").asText()).isEqualTo("writer");
    assertThat(log.get(2).entry().get("outcome").asText()).isEqualTo("STALE");
    assertThat(log.get(2).entry().get("etag").asText()).isEqualTo(p.etag());
    assertThat(store().verifyAudit()).isEqualTo(new AuditReport(3, log.get(2).hash(), ""));

    sql("UPDATE kvlane_audit SET entry = REPLACE(entry, 'writer', 'nobody') WHERE seq = 2");
    assertThat(store().verifyAudit().problem()).isEqualTo("line 2 was changed");
    sql("DELETE FROM kvlane_audit WHERE seq = 2");
    assertThat(store().verifyAudit().problem()).isEqualTo("line 2 is missing");
    sql("DELETE FROM kvlane_audit WHERE seq > 1");
    assertThat(store().verifyAudit().problem()).isEqualTo("line 2 is missing");
  }

  private void sql(String text) throws Exception {
    try (Connection connection = DriverManager.getConnection(Dialect.of(url).url(url));
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }
}
