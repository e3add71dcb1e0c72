package io.kvlane.router.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.admin.AdminFixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against three routers' admin APIs on one store. */
class KvlaneTest {
  private static final String CHAT =
      """
      kind: Policy
      id: chat
      priority: 10
      consistency: CP
      match: {modelGlob: "chat-*"}
      """;
  private static final String ACME = "kind: Tenant\nid: acme\ndescription: ours\n";

  @TempDir private Path store;
  @TempDir private Path folder;

  private AdminFixture api;

  /** What a command has printed. */
  private record Run(int status, String out, String err) {
    JsonNode json() throws Exception {
      return Texts.JSON.readTree(out);
    }
  }

  @BeforeEach
  void start() throws Exception {
    api = new AdminFixture(store, 10_000);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Run kvlane(String... args) {
    return kvlane(
        Map.of("KVLANE_ADMIN_URL", api.url(0), "KVLANE_ADMIN_KEY", AdminFixture.ADMIN), args);
  }

  private static Run kvlane(Map<String, String> environment, String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int status =
        KvlaneMain.commandLine(environment)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    assertThat(out.toString() + err).doesNotContain(AdminFixture.ADMIN).doesNotContain("Exception");
    return new Run(status, out.toString(), err.toString());
  }

  private void file(String name, String yaml) throws Exception {
    Files.writeString(folder.resolve(name), yaml);
  }

  private Run apply(String... more) {
    List<String> args = new ArrayList<>(List.of("policy", "apply", "-f", folder.toString()));
    args.addAll(List.of(more));
    return kvlane(args.toArray(String[]::new));
  }

  private int revision() throws Exception {
    return kvlane("revision", "list", "-o", "json").json().at("/revisions/0/revision").asInt();
  }

  @Test
  @DisplayName("ADM-4: a directory is one change set")
  void apply_ofSeveralFiles_isOneRevision() throws Exception {
    file("chat.yaml", CHAT);
    file("tenants.yaml", ACME);

    Run run = apply("-m", "our first");

    assertThat(run.err).contains("Written.");
    assertThat(run.status).isZero();
    assertThat(run.out).contains("+ policies/chat:", "+ tenants/acme:", "revision 2");
    assertThat(kvlane("revision", "list").out).contains("our first").doesNotContain("\n3 ");
    assertThat(kvlane("policy", "list").out.lines().map(line -> line.split(" ")[0]))
        .containsExactly("ID", "chat", "default");
  }

  @Test
  void apply_again_writesNothing() throws Exception {
    file("chat.yaml", CHAT);
    apply();

    Run again = apply();

    assertThat(again.status).isZero();
    assertThat(again.out).startsWith("No differences.");
    assertThat(again.err).contains("nothing is written");
    assertThat(revision()).isEqualTo(2);
  }

  @Test
  void apply_ofWhatGetShows_changesNothing() throws Exception {
    file("chat.yaml", CHAT);
    file("tenants.yaml", ACME);
    assertThat(apply().status).isZero();
    file("chat.yaml", kvlane("policy", "get", "chat").out);
    file("default.yaml", kvlane("policy", "get", "default").out);
    file("tenants.yaml", kvlane("tenant", "get", "acme", "-o", "yaml").out);

    assertThat(apply().out).startsWith("No differences.");
  }

  @Test
  void key_isMadeRotatedAndRevoked() throws Exception {
    Run made = kvlane("key", "create", "--role", "operator", "--tenant", "acme", "--ttl", "90d");
    assertThat(made.status).as(made.err).isZero();
    String secret = made.out.strip();
    assertThat(secret).startsWith("kvl_");
    assertThat(made.err).contains("The secret of acme-", "not shown again");
    Run list = kvlane("key", "list");
    assertThat(list.out).contains("acme-", "OPERATOR").doesNotContain("kvl_");
    String id = kvlane("key", "list", "-o", "json").json().at("/keys/0/id").asText();
    Map<String, String> own = Map.of("KVLANE_ADMIN_URL", api.url(0), "KVLANE_ADMIN_KEY", secret);
    await().until(() -> kvlane(own, "policy", "list").status == 0);

    Run rotated = kvlane("key", "rotate", id, "--overlap", "0s");
    assertThat(rotated.out).startsWith("kvl_").doesNotContain(secret);
    await().until(() -> kvlane(own, "policy", "list").status == 1);
    assertThat(kvlane("key", "get", id).out).contains("generation: 2").doesNotContain("kvl_");

    Run revoked = kvlane("key", "revoke", id);
    assertThat(revoked.status).as(revoked.err).isZero();
    assertThat(revoked.out).contains("- keys/" + id);
    assertThat(kvlane("key", "revoke", id).status).isEqualTo(1);
    assertThat(kvlane("key", "create", "--role", "viewer", "--ttl", "soon").status).isEqualTo(2);
  }

  @Test
  void apply_withPrune_leavesKeys() throws Exception {
    kvlane("key", "create", "ci", "--role", "viewer");
    file("chat.yaml", CHAT);
    file("default.yaml", kvlane("policy", "get", "default").out);
    file("tenants.yaml", ACME);

    assertThat(apply("--prune").status).isZero();

    assertThat(kvlane("key", "list").out).contains("ci");
  }

  @Test
  @DisplayName("ADM-5: --validate-only shows what apply would do, and does nothing")
  void apply_validateOnly_writesNothing() throws Exception {
    file("chat.yaml", CHAT);

    Run tried = apply("--validate-only", "-o", "json");

    assertThat(tried.status).isZero();
    assertThat(tried.json().at("/diff/0/path").asText()).isEqualTo("/policies/chat");
    assertThat(tried.json().at("/impact/requests").isInt()).isTrue();
    assertThat(kvlane("policy", "diff", "-f", folder.toString(), "-o", "json").json())
        .isEqualTo(((ObjectNode) tried.json()).without("impact"));
    assertThat(apply("--validate-only").out).contains("impact: of the last 0 requests");
    assertThat(revision()).isEqualTo(1);
  }

  @Test
  @DisplayName("ADM-1: what somebody else writes meanwhile is not overwritten")
  void apply_overtaken_isAConflict() throws Exception {
    file("chat.yaml", CHAT);
    apply();
    file("chat.yaml", CHAT.replace("10", "20"));
    var client = new AdminClient(URI.create(api.url(1)), AdminFixture.ADMIN, null);
    var changes = new ChangeSet(client, ManifestReader.read(folder), "", false, null);
    file("chat.yaml", CHAT.replace("10", "30"));
    assertThat(apply().status).isZero();

    Failure failure = catchThrowableOfType(Failure.class, changes::done);

    assertThat(failure.status()).isEqualTo(Failure.CONFLICT);
    assertThat(failure)
        .hasMessageContaining("(412): Somebody has changed policies/chat since")
        .hasMessageContaining("chat.yaml:1: stale")
        .hasMessageContaining("Nothing was written.");
    assertThat(kvlane("policy", "get", "chat", "-o", "json").json().path("priority").asInt())
        .isEqualTo(30);
  }

  @Test
  void apply_ofNewThingThatSomebodyElseCreates_isAConflict() throws Exception {
    file("chat.yaml", CHAT);
    var client = new AdminClient(URI.create(api.url(1)), AdminFixture.ADMIN, null);
    var changes = new ChangeSet(client, ManifestReader.read(folder), "", false, null);
    apply();

    Failure failure = catchThrowableOfType(Failure.class, changes::done);

    assertThat(failure.status()).isEqualTo(Failure.CONFLICT);
  }

  @Test
  void apply_ofWhatIsNotValid_namesFileLineAndField() throws Exception {
    file("chat.yaml", CHAT + "retry:\n  maxAttempts: 99\n");
    file(
        "more.yaml",
        CHAT.replace("chat", "more").replace("10", "11") + "regionOrder: [eu, mars]\n");

    Run wrong = apply();

    assertThat(wrong.status).isEqualTo(Failure.REFUSED);
    assertThat(wrong.err).contains("chat.yaml:7: /retry/maxAttempts: ");
    file("chat.yaml", CHAT);
    assertThat(apply().err).contains("more.yaml:6: /regionOrder/1: ");
    assertThat(revision()).isEqualTo(1);
  }

  @Test
  void apply_prune_removesWhatTheFilesNoLongerHaveOfTheirKinds() throws Exception {
    file("chat.yaml", CHAT);
    file("more.yaml", CHAT.replace("chat", "more").replace("10", "11"));
    file("tenants.yaml", ACME);
    file("default.yaml", kvlane("policy", "get", "default").out);
    assertThat(apply().status).isZero();
    Files.delete(folder.resolve("more.yaml"));
    Files.delete(folder.resolve("tenants.yaml"));

    assertThat(apply().out).startsWith("No differences.");
    assertThat(apply("--prune").out).contains("- policies/more:").doesNotContain("acme");
    assertThat(kvlane("policy", "get", "more").status).isEqualTo(Failure.REFUSED);
    assertThat(kvlane("tenant", "get", "acme").status).isZero();
  }

  @Test
  @DisplayName("ADM-6: rollback is a new revision; diff shows what leads to it")
  void rollback_isANewRevision() throws Exception {
    file("chat.yaml", CHAT);
    apply();
    file("chat.yaml", CHAT.replace("10", "20"));
    apply();
    assertThat(kvlane("revision", "diff", "2", "3").out.strip())
        .isEqualTo("~ policies/chat/priority: 10 -> 20");

    assertThat(kvlane("policy", "rollback", "2", "--validate-only").status).isZero();
    assertThat(revision()).isEqualTo(3);
    Run back = kvlane("policy", "rollback", "2");

    assertThat(back.out).contains("~ policies/chat/priority: 20 -> 10", "revision 4");
    assertThat(kvlane("policy", "rollback", "2").err).contains("nothing is written");
    assertThat(kvlane("policy", "rollback", "99").status).isEqualTo(Failure.REFUSED);
  }

  @Test
  void lists_haveAllPagesOrTheNewest() throws Exception {
    for (int i = 1; i <= 5; i++) {
      file("chat.yaml", CHAT.replace("10", "" + 10 * i));
      apply();
    }

    assertThat(kvlane("revision", "list", "--limit", "2", "-o", "json").out).contains("5", "6");
    JsonNode audit = kvlane("audit", "list", "--limit", "2", "-o", "json").json().path("audit");
    assertThat(audit).hasSize(2);
    assertThat(audit.get(1).at("/entry/revision").asInt()).isEqualTo(6);
    assertThat(kvlane("audit", "list", "--limit", "0", "-o", "json").json().path("audit"))
        .hasSizeGreaterThan(4);
    assertThat(kvlane("audit", "verify").out).contains("entries hold together");
  }

  @Test
  @DisplayName("ADM-8: a canary is begun, looked at and promoted from the command line")
  void apply_canary_isShownAndPromoted() throws Exception {
    file("chat.yaml", CHAT);
    Run wrong = kvlane("policy", "apply", "-f", folder.toString(), "--hold", "60");
    assertThat(wrong.err).contains("--canary-percent or --canary-region: missing");

    Run begun =
        kvlane(
            "policy",
            "apply",
            "-f",
            folder.toString(),
            "--canary-percent",
            "10",
            "--hold",
            "60",
            "--max-error-rate",
            "0.01",
            "--max-ttft-p95",
            "2000",
            "--min-hit-ratio",
            "0.1",
            "--min-requests",
            "50",
            "--manual");
    assertThat(begun.status).as(begun.err).isZero();
    JsonNode rollout = kvlane("rollout", "status", "2", "-o", "json").json();
    assertThat(rollout.at("/canary/percent").asInt()).isEqualTo(10);
    assertThat(rollout.at("/canary/slo/maxTtftP95Ms").asInt()).isEqualTo(2_000);
    assertThat(rollout.at("/canary/promote").asText()).isEqualTo("MANUAL");
    assertThat(kvlane("rollout", "status", "2").out).contains("SIDE", "canary", "base");

    assertThat(kvlane("rollout", "promote", "2").status).isZero();
    assertThat(kvlane("rollout", "status", "2", "-o", "json").json().path("reason").asText())
        .startsWith("promoted: the canary of revision 2");
    assertThat(kvlane("rollout", "rollback", "2").status).isNotZero();
  }

  @Test
  @DisplayName("ADM-8: a rollout is watched until every router serves the revision")
  void rolloutStatus_watch_endsWhenEveryRouterServesIt() throws Exception {
    file("chat.yaml", CHAT);
    apply();

    Run live = kvlane("rollout", "status", "--watch");

    assertThat(live.status).isZero();
    assertThat(live.out)
        .containsPattern("eu +router-2 +ACK +2")
        .contains("3 of 3 routers serve it");
    JsonNode old = kvlane("rollout", "status", "1", "--watch", "-o", "json").json();
    assertThat(old.path("state").asText()).isEqualTo("LIVE");
    assertThat(kvlane("rollout", "list").out).containsPattern("2 +LIVE").containsPattern("1 +LIVE");
    assertThat(kvlane("rollout", "status", "99").status).isEqualTo(Failure.REFUSED);
  }

  @Test
  void resolve_saysWhichPolicyAndWhy() throws Exception {
    file("chat.yaml", CHAT);
    apply();
    await()
        .until(
            () ->
                kvlane("resolve", "--model", "chat-1", "-o", "json")
                    .json()
                    .at("/policy/id")
                    .asText()
                    .equals("chat"));

    Run run = kvlane("resolve", "--model", "chat-1", "--tenant", "acme", "--header", "X-Team=a");

    assertThat(run.out).containsPattern("chat +matched").contains("policy chat, CP, revision 2");
  }

  @Test
  void viewer_isToldThatItMayNot() throws Exception {
    file("chat.yaml", CHAT);
    Path key = Files.writeString(store.resolve("key"), AdminFixture.VIEWER + "\n");
    String[] args = {
      "policy",
      "apply",
      "-f",
      folder.toString(),
      "--key-file",
      key.toString(),
      "--server",
      api.url(0)
    };

    Run run = kvlane(Map.of(), args);

    assertThat(run.status).isEqualTo(Failure.REFUSED);
    assertThat(run.err).contains("(403): This needs the role");
  }

  @Test
  void nobodyThere_isUnreachable() {
    Map<String, String> environment =
        Map.of("KVLANE_ADMIN_URL", "http://127.0.0.1:1", "KVLANE_ADMIN_KEY", "k");

    Run run = kvlane(environment, "policy", "list");

    assertThat(run.status).isEqualTo(Failure.UNREACHABLE);
    assertThat(run.err).contains("http://127.0.0.1:1 cannot be reached");
  }

  @Test
  void commandLine_notUnderstood_isUsage() {
    for (List<String> args :
        List.of(
            List.of("policy"),
            List.of("policy", "aply"),
            List.of("policy", "apply"),
            List.of("revision", "diff", "1"),
            List.of("policy", "list", "-o", "xml"),
            List.of("policy", "list", "--server", "nonsense"),
            List.of("policy", "list", "--key-file", "/nowhere"),
            List.of("policy", "apply", "-f", "/nowhere"))) {
      assertThat(kvlane(args.toArray(String[]::new)).status).as("" + args).isEqualTo(Failure.USAGE);
    }
    assertThat(kvlane(Map.of(), "policy", "list").err).contains("KVLANE_ADMIN_KEY");
  }

  @Test
  void completion_knowsAllCommands() {
    assertThat(kvlane("completion").out)
        .contains("evacuate", "rollback", "--validate-only", "--ca");
    assertThat(kvlane("rollout", "status", "--help").out).contains("--watch", "--key-file");
  }
}
