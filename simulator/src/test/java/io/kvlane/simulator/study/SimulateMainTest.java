package io.kvlane.simulator.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateMainTest {
  private static final String SCENARIO =
      """
      name: small
      fleet: {regions: [us-east, eu-west], replicasPerRegion: 2}
      workload:
        generate: {kind: shared, requests: 200, userTokens: 2000, roaming: 0.2}
      load: [0.4, 0.8]
      cacheTokens: [20_000, 100_000]
      seeds: 2
      """;

  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path scenario = Path.of("");

  @BeforeEach
  void write() throws IOException {
    scenario = Files.writeString(folder.resolve("small.yaml"), SCENARIO);
  }

  private int simulate(String... arguments) {
    out.reset();
    err.reset();
    PrintStream errors = new PrintStream(err, true, UTF_8);
    return SimulateMain.run(
        TinyPolicies.ALL,
        new PrintStream(out, true, UTF_8),
        errors,
        new Progress(errors, false, () -> 0),
        arguments);
  }

  private Map<String, String> outputs(Path of) throws IOException {
    Map<String, String> outputs = new TreeMap<>();
    try (Stream<Path> files = Files.list(of)) {
      for (Path file : files.toList()) {
        outputs.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return outputs;
  }

  @Test
  void out_allOutputs_andTheSameBytesAgainWhateverTheThreads() throws Exception {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");

    assertThat(simulate("" + scenario, "--out", "" + first, "--threads", "1")).isZero();
    String table = out.toString(UTF_8);
    assertThat(simulate("" + scenario, "--out", "" + second, "--threads", "3")).isZero();

    assertThat(outputs(first))
        .containsOnlyKeys(
            "table.txt",
            "rows.csv",
            "study.json",
            "ttft-p95-cache-20000.svg",
            "ttft-p95-cache-100000.svg",
            "hit-ratio-cache-20000.svg",
            "hit-ratio-cache-100000.svg",
            "ttft-cdf-cache-20000-load-0.4.svg",
            "ttft-cdf-cache-20000-load-0.8.svg",
            "ttft-cdf-cache-100000-load-0.4.svg",
            "ttft-cdf-cache-100000-load-0.8.svg")
        .containsEntry("table.txt", table)
        .isEqualTo(outputs(second));
    for (Map.Entry<String, String> file : outputs(first).entrySet()) {
      if (file.getKey().endsWith(".svg")) {
        assertThat(file.getValue()).contains(">turns</text>").doesNotContain("NaN");
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(first.resolve(file.getKey()).toFile());
      }
    }
  }

  @Test
  void text_eachCell_marksItsBest() {
    assertThat(simulate("" + scenario)).isZero();

    assertThat(out.toString(UTF_8).lines().filter(line -> line.contains("least")))
        .hasSize(4)
        .allMatch(line -> line.contains("+-"));
    assertThat(out.toString(UTF_8))
        .contains("small: 2+2 replicas in us-east, eu-west")
        .contains("*");
  }

  @Test
  void csv_oneLineARow() {
    assertThat(simulate("" + scenario, "--format", "csv", "--policy", "least")).isZero();

    assertThat(out.toString(UTF_8).lines())
        .hasSize(5)
        .first()
        .asString()
        .startsWith("scenario,fleet,cacheTokens,load,speed,policy,requests,requestsHalfWidth");
    assertThat(out.toString(UTF_8)).contains("\nsmall,2+2,20000,0.4,").doesNotContain("turns");
  }

  @Test
  void json_configurationAndEverySeed() throws IOException {
    assertThat(simulate("" + scenario, "--format", "json", "--seeds", "3")).isZero();

    JsonNode json = new ObjectMapper().readTree(out.toString(UTF_8));
    assertThat(json.at("/configuration/seeds").toString()).isEqualTo("[1,2,3]");
    assertThat(json.at("/configuration/fleet/engine/cacheTokens").asInt()).isEqualTo(1_000_000);
    assertThat(json.at("/rows")).hasSize(8);
    assertThat(json.at("/rows/0/runs")).hasSize(3);
    assertThat(json.at("/rows/0/ttftPercentilesMs")).hasSize(101);
    assertThat(json.at("/rows/0/metrics/requests/mean").asInt()).isEqualTo(200);
  }

  @Test
  void progress_noTerminal_isPlainLines() {
    simulate("" + scenario, "--policy", "least");

    assertThat(err.toString(UTF_8).lines())
        .isNotEmpty()
        .allMatch(line -> line.matches("\\d+ of \\d+ runs, \\d+:\\d\\d left"));
  }

  @Test
  void scenarioIsWrong_exitStatus2AndOneLine() throws IOException {
    Files.writeString(scenario, "\nsloMs: soon\n", java.nio.file.StandardOpenOption.APPEND);

    assertThat(simulate("" + scenario)).isEqualTo(2);

    assertThat(err.toString(UTF_8).lines())
        .singleElement()
        .isEqualTo(
            "simulate: "
                + scenario
                + ":9: sloMs: \"soon\" (expected: a number from 1 to 1000000000)");
  }

  @Test
  void commandLineIsWrong_exitStatus2() {
    assertThat(simulate("" + scenario, "--policy", "best")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("--policy: best (expected: some of turns, least)");
    assertThat(simulate("" + scenario, "--seeds", "0")).isEqualTo(2);
    assertThat(simulate("" + scenario, "--threads", "0")).isEqualTo(2);
    assertThat(simulate("" + scenario, "--format", "xml")).isEqualTo(2);
    assertThat(simulate()).isEqualTo(2);
  }

  @Test
  void noSaturation_exitStatus2AndReason() throws IOException {
    Files.writeString(scenario, SCENARIO.replace("[20_000, 100_000]", "512"));

    assertThat(simulate("" + scenario)).isEqualTo(2);

    assertThat(err.toString(UTF_8)).contains("with 512 cache tokens there is no saturation");
  }
}
