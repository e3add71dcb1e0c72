package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.control.Reconciliation;
import io.kvlane.router.region.TestRegion;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy store is backed up, lost and restored by the very commands of docs/operations.md. */
class RestoreIT {
  private static final Path MANUAL = Path.of("..", "docs", "operations.md");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path certificates;
  @TempDir private Path disk;

  private TestRegion region;
  private TestRegion second;
  private String yaml = "";

  @BeforeEach
  void certify() throws Exception {
    TestRegion.certify(certificates, "us-east");
  }

  @AfterEach
  void stop() {
    if (second != null) {
      second.close();
    }
    if (region != null) {
      region.close();
    }
  }

  /** A router with the store. */
  private void start(String url) throws Exception {
    yaml =
        "policies: {directory: %s, every: 50ms, store: {url: '%s'}}\n"
            .formatted(disk.resolve("first"), url);
    region = new TestRegion("us-east", TestRegion.freePort(), certificates, Map.of(), 1, yaml);
    await().until(() -> region.gauge("kvlane.config.revision") >= 1);
  }

  /** One more router of the region, whose policies come from the first. */
  private void startSecond() throws Exception {
    String owner = region.adminUrl().substring("http://".length());
    second =
        region.another(
            TestRegion.freePort(),
            "policies: {directory: %s, every: 50ms, store: {owner: '%s'}}\n"
                .formatted(disk.resolve("second"), owner));
  }

  /** Runs the commands that the manual gives under a name. */
  private void runManual(String name, Map<String, String> variables) throws Exception {
    Pattern block = Pattern.compile("<!-- test: " + name + " -->\n```\n(.*?)```", Pattern.DOTALL);
    Matcher found = block.matcher(Files.readString(MANUAL));
    assertThat(found.find()).as("commands of %s in %s", name, MANUAL).isTrue();
    var process = new ProcessBuilder("bash", "-euo", "pipefail", "-c", found.group(1));
    process.environment().putAll(variables);
    Process run = process.redirectErrorStream(true).start();
    String output = new String(run.getInputStream().readAllBytes(), UTF_8);
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as("%s: %s", name, output).isZero();
  }

  private static HttpResponse<String> send(
      TestRegion router, String method, String path, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(router.adminUrl() + "/admin/v1" + path))
            .header("Authorization", "Bearer " + TestRegion.ADMIN_KEY)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> create(TestRegion router, String id, int priority)
      throws Exception {
    String body = "{\"priority\":" + priority + ",\"consistency\":\"CP\"}";
    return send(router, "PUT", "/policies/" + id, body, "If-None-Match", "*");
  }

  private static JsonNode get(TestRegion router, String path) throws Exception {
    HttpResponse<String> answer = send(router, "GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String etag(TestRegion router, String id) throws Exception {
    return send(router, "GET", "/policies/" + id, "").headers().firstValue("etag").orElse("");
  }

  private static String served(TestRegion router) throws Exception {
    return router.chat("hello").headers().firstValue("x-config-revision").orElse("");
  }

  /** The audit log's lines, and that no line of it was changed. */
  private static List<JsonNode> audit(TestRegion router) throws Exception {
    assertThat(get(router, "/audit:verify").path("problem").asText()).isEmpty();
    List<JsonNode> lines = new ArrayList<>();
    get(router, "/audit?pageSize=500").path("audit").forEach(lines::add);
    assertThat(lines).isNotEmpty();
    return lines;
  }

  @Test
  void postgres_backedUpLostRestored_sameRevisionEtagsAndAudit() throws Exception {
    String url = PostgresServer.newDatabase();
    Map<String, String> variables = postgres(url);
    start(url);
    startSecond();
    assertThat(create(region, "p", 7).statusCode()).isEqualTo(201);
    assertThat(create(second, "q", 8).statusCode()).isEqualTo(201);
    String etag = etag(region, "p");
    List<JsonNode> audit = audit(region);

    runManual("postgres backup", variables);
    drop(url);
    await().untilAsserted(() -> assertThat(create(second, "r", 9).statusCode()).isEqualTo(503));
    assertThat(served(region)).isEqualTo("3");
    runManual("postgres restore", variables);

    await().until(() -> send(region, "GET", "/revisions/3", "").statusCode() == 200);
    assertThat(etag(region, "p")).isEqualTo(etag);
    assertThat(audit(region)).containsSubsequence(audit);
    assertThat(region.gauge("kvlane.config.refused")).isZero();
    assertThat(create(second, "r", 9).statusCode()).isEqualTo(201);
    await().until(() -> served(region).equals("4") && served(second).equals("4"));
  }

  @Test
  void postgres_backupIsOlderThanWhatIsServed_writesWaitUntilReconciled() throws Exception {
    String url = PostgresServer.newDatabase();
    Map<String, String> variables = postgres(url);
    start(url);
    startSecond();
    assertThat(create(region, "p", 7).statusCode()).isEqualTo(201);
    runManual("postgres backup", variables);
    assertThat(create(region, "late", 8).statusCode()).isEqualTo(201);
    assertThat(create(region, "later", 9).statusCode()).isEqualTo(201);
    await().until(() -> served(region).equals("4") && served(second).equals("4"));
    drop(url);

    runManual("postgres restore", variables);

    await().until(() -> region.gauge("kvlane.config.refused") == 2);
    assertThat(served(region)).isEqualTo("4");
    assertThat(served(second)).isEqualTo("4");
    HttpResponse<String> refused = create(second, "r", 9);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("store-behind", "revision 2", "reconcile");
    assertThat(get(region, "/rollouts/2").toString()).contains("NACK", "behind 4");

    assertThat(reconcile(true)).isEqualTo(5);

    await().until(() -> served(region).equals("5") && served(second).equals("5"));
    assertThat(get(region, "/policies").toString()).contains("\"late\"", "\"later\"");
    assertThat(region.gauge("kvlane.config.refused")).isZero();
    assertThat(create(second, "r", 10).statusCode()).isEqualTo(201);
    audit(region);
  }

  @Test
  void h2_backedUpLostRestored_sameRevisionEtagsAndAudit() throws Exception {
    Map<String, String> variables =
        Map.of("policies", "" + disk.resolve("first"), "backup", "" + disk.resolve("backup"));
    start("");
    assertThat(create(region, "p", 7).statusCode()).isEqualTo(201);
    String etag = etag(region, "p");
    List<JsonNode> audit = audit(region);
    region.close();
    runManual("h2 backup", variables);
    Files.delete(disk.resolve("first").resolve("store.mv.db"));
    Files.delete(disk.resolve("first").resolve("last-good"));

    runManual("h2 restore", variables);
    start("");

    await().until(() -> served(region).equals("2"));
    assertThat(etag(region, "p")).isEqualTo(etag);
    assertThat(audit(region)).containsSubsequence(audit);
  }

  @Test
  void h2_routerServesMoreThanTheBackupHas_goesOnAboveWithWhatWasRestored() throws Exception {
    Map<String, String> variables =
        Map.of("policies", "" + disk.resolve("first"), "backup", "" + disk.resolve("backup"));
    start("");
    assertThat(create(region, "p", 7).statusCode()).isEqualTo(201);
    region.close();
    runManual("h2 backup", variables);
    start("");
    assertThat(create(region, "late", 8).statusCode()).isEqualTo(201);
    await().until(() -> served(region).equals("3"));
    region.close();
    runManual("h2 restore", variables);
    start("");
    await().until(() -> region.gauge("kvlane.config.refused") == 2);
    assertThat(served(region)).isEqualTo("3");
    region.close();

    assertThat(reconcile(false)).isEqualTo(4);

    start("");
    await().until(() -> served(region).equals("4"));
    assertThat(get(region, "/policies").toString()).contains("\"p\"").doesNotContain("\"late\"");
    audit(region);
  }

  /** {@code kvlane-router reconcile} with the first router's configuration. */
  private long reconcile(boolean keepServed) throws Exception {
    String whole =
        "region: us-east\nrouter: {id: us-east-1}\npools: [{model: m, keySpace: text}]\n" + yaml;
    var config = new ConfigLoader(Map.of()).parse("test", whole);
    return Reconciliation.run(config, Optional.empty(), keepServed).orElseThrow();
  }

  private Map<String, String> postgres(String url) {
    return Map.of("store", url.substring("jdbc:".length()), "backup", "" + disk.resolve("backup"));
  }

  private static void drop(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA public CASCADE");
      statement.execute("CREATE SCHEMA public");
    }
  }
}
