package io.kvlane.simulator.live.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.live.engine.EngineOptions;
import io.kvlane.simulator.live.engine.SimulatedEngine;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load tool against simulated engines. */
class LoadMainIT {
  private static final String[] FAST = {
    "--time-scale", "50", "--no-events", "--max-model-len", "8192"
  };

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
  private Vertx vertx;
  private SimulatedEngine one;
  private SimulatedEngine two;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    one = SimulatedEngine.start(vertx, EngineOptions.of(FAST)).await();
    two = SimulatedEngine.start(vertx, EngineOptions.of(FAST)).await();
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    vertx.close().await();
  }

  @Test
  void trace_oneEngine_findsWhatPlainReplayFinds() throws IOException {
    String[] command = {
      one.url(), "--trace", trace(), "--speed", "100", "--concurrency", "1", "--output", "json"
    };

    assertThat(run(command)).isZero();

    JsonObject report = new JsonObject(out.toString(UTF_8));
    JsonObject result = report.getJsonArray("runs").getJsonObject(0);
    assertThat(result.getInteger("requests")).isEqualTo(40);
    assertThat(result.getInteger("errors")).isZero();
    assertThat(result.getLong("prompt_tokens")).isEqualTo(40 * 1200);
    assertThat(result.getDouble("hit_ratio_reported"))
        .isCloseTo(report.getJsonObject("plain_replay").getDouble("infinite"), within(0.02));
  }

  @Test
  void compare_chat_startsBothRunsFromEmptyCaches() {
    String[] command = {
      one.url(),
      "--compare",
      "--direct",
      one.url(),
      two.url(),
      "--engine",
      one.url(),
      two.url(),
      "--sessions",
      "6",
      "--turns",
      "3",
      "--think-ms",
      "1",
      "--concurrency",
      "2"
    };

    assertThat(run(command)).isZero();

    String table = out.toString(UTF_8);
    assertThat(table)
        .containsPattern("affinity on +direct +ratio")
        .containsPattern("requests +18 +18")
        .containsPattern("errors +0 +0")
        .containsPattern("hit ratio, predicted +- +- +-");
    // One engine sees a session's every turn, two in turn see every other.
    assertThat(Double.parseDouble(lastWord(table, "hit ratio, reported"))).isGreaterThan(1.02);
  }

  @Test
  void regions_allRoaming_areAskedByTheOthersSessions() {
    String[] command = {
      "here=" + one.url(),
      "there=" + two.url(),
      "--roam",
      "1",
      "--sessions",
      "3",
      "--turns",
      "10",
      "--think-ms",
      "1",
      "--output",
      "json"
    };

    assertThat(run(command)).isZero();

    JsonObject result = new JsonObject(out.toString(UTF_8)).getJsonArray("runs").getJsonObject(0);
    JsonObject regions = result.getJsonObject("regions");
    assertThat(regions.fieldNames()).containsExactly("here", "there");
    // Two of the three sessions are at home here.
    assertThat(regions.getJsonObject("here").getInteger("requests")).isEqualTo(10);
    assertThat(regions.getJsonObject("there").getInteger("requests")).isEqualTo(20);
    assertThat(result.getDouble("forwarded")).isZero();
  }

  @Test
  void run_roamWithoutRegions_isRefusedWith2() {
    assertThat(run(one.url(), two.url(), "--roam", "0.1")).isEqualTo(2);
    assertThat(run("here=" + one.url(), "there=" + two.url(), "--roam", "2")).isEqualTo(2);
    assertThat(run("here=localhost")).isEqualTo(2);
  }

  @Test
  void run_engineFails_countsTheErrorAndExitsWith1() throws Exception {
    fault("{\"failNext\":1,\"failStatus\":503}");

    assertThat(run("--direct", one.url(), "--sessions", "2", "--turns", "2", "--think-ms", "1"))
        .isEqualTo(1);

    assertThat(out.toString(UTF_8))
        .containsPattern("errors +1\n")
        .containsPattern("errors by kind +status 503=1\n");
  }

  @Test
  void run_streamCut_isAnError() throws Exception {
    fault("{\"cutNext\":1,\"cutAfterChunks\":3}");

    assertThat(run("--direct", one.url(), "--sessions", "1", "--turns", "1", "--think-ms", "1"))
        .isEqualTo(1);
  }

  @Test
  void run_nobodyListens_isAnError() {
    String url = one.url();
    one.close();

    assertThat(run("--direct", url, "--sessions", "1", "--turns", "1")).isEqualTo(1);
    assertThat(out.toString(UTF_8)).containsPattern("errors by kind +cannot connect=1\n");
  }

  @Test
  void run_noTarget_isRefusedWith2() {
    assertThat(run("--sessions", "1")).isEqualTo(2);
  }

  private int run(String... arguments) {
    return LoadMain.run(new PrintStream(out, true, UTF_8), new PrintStream(progress), arguments);
  }

  private void fault(String json) throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(one.url() + "/fault"))
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.discarding());
  }

  private static String lastWord(String table, String row) {
    String line = table.lines().filter(l -> l.startsWith(row)).findFirst().orElseThrow();
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  /** 40 requests of 3 blocks, the first common to all, the second to every fourth. */
  private String trace() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      lines.add(
          "{\"timestamp\":%d,\"input_length\":1200,\"output_length\":2,\"hash_ids\":[0,%d,%d]}"
              .formatted(i / 4 * 3000, 1 + i % 4, 100 + i));
    }
    return Files.write(folder.resolve("trace.jsonl"), lines).toString();
  }
}
