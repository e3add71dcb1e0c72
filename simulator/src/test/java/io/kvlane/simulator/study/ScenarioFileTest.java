package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.study.Scenario.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioFileTest {
  private static final Path SCENARIOS = Path.of("scenarios");
  private static final String GENERATED = "name: x\nworkload: {generate: {}}\n";
  private static final List<String> NAMES = List.of("round-robin", "least-load");

  private final ScenarioFile files = new ScenarioFile(NAMES, null);
  private final ScenarioFile examples = new ScenarioFile(Policies.ALL.names(), null);

  private Scenario parse(String yaml) throws ScenarioException {
    return files.parse("s.yaml", yaml, Path.of("."));
  }

  @Test
  void parse_littleGiven_documentedDefaults() throws ScenarioException {
    Scenario scenario = parse(GENERATED);

    FleetSpec fleet = scenario.fleet();
    assertThat(fleet.regions()).containsExactly("us-east", "eu-west", "ap-northeast");
    assertThat(fleet.roundTripMs())
        .isDeepEqualTo(new double[][] {{0, 90, 160}, {90, 0, 235}, {160, 235, 0}});
    assertThat(fleet.localRoundTripMs()).isEqualTo(0.5);
    assertThat(fleet.routersPerRegion()).isEqualTo(2);
    assertThat(fleet.engine())
        .isEqualTo(
            new FleetSpec.Engine(512, 1_000_000, 256, 2048, new StepCost(10_660, 12, 0.15, 1)));
    assertThat(fleet.lag()).isEqualTo(new FleetSpec.Lag(50, 20, 100, 1000, 2000));
    assertThat(scenario.load()).isEqualTo(new Load.Speed(List.of(1.0)));
    assertThat(scenario.cacheTokens()).containsExactly(1_000_000);
    assertThat(scenario.policies()).isEqualTo(NAMES);
    assertThat(scenario.panel()).isEqualTo(NAMES);
    assertThat(scenario.seeds()).containsExactly(1);
    assertThat(scenario.sloMs()).isEqualTo(5000);
    assertThat(scenario.warmUp()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          fleat: {}                                   | s.yaml:3: fleat: unknown key (expected: one of
          fleet: {engine: {blocks: 3}}                | s.yaml:3: fleet.engine.blocks: unknown key
          fleet: 7                                    | s.yaml:3: fleet: "7" (expected: keys and values)
          fleet: {routersPerRegion: 0}                | s.yaml:3: fleet.routersPerRegion: "0" (expected: a whole number from 1 to 64)
          fleet: {routersPerRegion: two}              | s.yaml:3: fleet.routersPerRegion: "two" (expected: a whole
          fleet: {routersPerRegion: 1.5}              | s.yaml:3: fleet.routersPerRegion: "1.5" (expected: a whole
          fleet: {replicasPerRegion: [1, 2]}          | s.yaml:3: fleet.replicasPerRegion: 2 numbers (expected: one
          fleet: {replicasPerRegion: 1000}            | s.yaml:3: fleet.replicasPerRegion: 3000 replicas in all
          fleet: {regions: [a, a]}                    | s.yaml:3: fleet.regions: "a" (expected: each value once)
          fleet: {regions: [a, b]}                    | s.yaml:3: fleet.roundTripMs: nothing between a and b
          fleet: {roundTripMs: [[0, 1], [2, 0]]}      | s.yaml:3: fleet.roundTripMs: a matrix (expected: 3 rows of 3
          fleet: {roundTripMs: [{between: [us-east, mars], ms: 1}]} | s.yaml:3: fleet.roundTripMs[0].between: "mars" (expected: one of us-east
          fleet: {engine: {decodeBaseMs: -1}}         | s.yaml:3: fleet.engine.decodeBaseMs: "-1" (expected: a number from 0 to 10000)
          fleet: {engine: {cacheTokens: 100}}         | s.yaml:3: fleet.engine.cacheTokens: "100" (expected: a whole number from 512
          fleet: {lag: {gaugeMs: 0}}                  | s.yaml:3: fleet.lag.gaugeMs: "0" (expected: a number from 1
          fleet: {faults: [{fire: {}}]}               | s.yaml:3: fleet.faults[0].fire: unknown key
          fleet: {faults: [{replicaDown: {replica: 12, atMs: 1, untilMs: 2}}]} | s.yaml:3: fleet.faults[0].replicaDown.replica: "12" (expected: a whole number from 0 to 11)
          fleet: {faults: [{cut: {between: [us-east, eu-west], atMs: 5, untilMs: 5}}]} | s.yaml:3: fleet.faults[0].cut.untilMs: not after atMs
          load: [0.5, high]                           | s.yaml:3: load: "high" (expected: a number from 0.01 to 10)
          load: []                                    | s.yaml:3: load: an empty list
          cacheTokens: 511                            | s.yaml:3: cacheTokens: "511" (expected: a whole number from 512
          policies: [best]                            | s.yaml:3: policies: "best" (expected: one of round-robin, least-load)
          seeds: 0                                    | s.yaml:3: seeds: "0" (expected: a whole number from 1 to 1000)
          warmUp: 1                                   | s.yaml:3: warmUp: "1" (expected: a number from 0 to 0.9)
          name: again                                 | s.yaml:3: name: occurs twice
          sloMs: [                                    | s.yaml:3: not valid YAML
          """)
  void parse_wrongLine_namesLineAndKey(String line, String message) {
    assertThatThrownBy(() -> parse(GENERATED + line + "\n"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                  | workload.generate: missing (expected: exactly one of generate, trace, azure)
          {generate: {}, trace: {file: a}}    | workload.trace: one too many
          {generate: {kind: fast}}            | workload.generate.kind: "fast" (expected: chat or shared
          {generate: {requests: 0}}           | workload.generate.requests: "0"
          {generate: {regionWeights: [1]}}    | workload.generate.regionWeights: [1.0] (expected: one for each
          {generate: {roaming: 1.1}}          | workload.generate.roaming: "1.1" (expected: a number from 0 to 1)
          {trace: {requests: 5}}              | workload.trace.file: missing
          {trace: {file: nowhere.jsonl}}      | workload.trace.file: "nowhere.jsonl": no such file (expected: a trace in the Mooncake format
          {azure: {file: nowhere.csv}}        | workload.azure.file: "nowhere.csv": no such file
          {azure: {file: x, turns: 2}}        | workload.azure.file: "x": no such file
          """)
  void parse_wrongWorkload_namesLineAndKey(String workload, String message) {
    assertThatThrownBy(() -> parse("name: x\nworkload: " + workload + "\n"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith("s.yaml:2: " + message);
  }

  @Test
  void parse_noName_isMissing() {
    assertThatThrownBy(() -> parse("workload: {generate: {}}\n"))
        .hasMessage("s.yaml:1: name: missing (expected: a value)");
  }

  @Test
  void parse_speedAndLoad_isOneTooMany() {
    assertThatThrownBy(() -> parse(GENERATED + "speed: 2\nload: 0.5\n"))
        .hasMessage("s.yaml:4: load: one too many (expected: load or speed)");
  }

  @Test
  void parse_traceWithOtherBlocks_isRefused() {
    assertThatThrownBy(
            () ->
                parse(
                    "name: x\nfleet: {engine: {blockTokens: 16}}\n"
                        + "workload:\n  trace: {file: x}\n"))
        .hasMessageStartingWith("s.yaml:4: workload.trace: fleet.engine.blockTokens is 16");
  }

  @Test
  void load_noFile_saysSo() {
    assertThatThrownBy(() -> files.load(Path.of("none.yaml")))
        .hasMessage("none.yaml: cannot be read (expected: a YAML file in UTF-8)");
  }

  @Test
  void load_traceBesideTheScenario_isFound(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("t.jsonl"), "");
    Path file =
        Files.writeString(folder.resolve("s.yaml"), "name: x\nworkload: {trace: {file: t.jsonl}}");

    Workload.Trace trace = (Workload.Trace) files.load(file).workload();

    assertThat(trace.file().path()).exists();
    assertThat(trace.file().written()).isEqualTo("t.jsonl");
  }

  @Test
  void reference_mentionsEveryKey(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("t"), "");
    files.load(SCENARIOS.resolve("reference.yaml"));
    files.parse("s", "name: x\nworkload: {trace: {file: t}}", folder);
    files.parse("s", "name: x\nworkload: {azure: {file: t}}", folder);

    String text = Files.readString(SCENARIOS.resolve("reference.yaml"));
    assertThat(files.asked()).hasSizeGreaterThan(60);
    assertThat(files.asked())
        .allSatisfy(key -> assertThat(text).containsPattern("\\b" + key + ":"));
  }

  @Test
  void reference_defaults_areThoseOfTheCode() throws Exception {
    Scenario reference = files.load(SCENARIOS.resolve("reference.yaml"));
    Scenario defaults = parse(GENERATED);

    assertThat(ScenarioJson.of(reference).at("/workload"))
        .isEqualTo(ScenarioJson.of(defaults).at("/workload"));
    for (String key : List.of("/fleet/engine", "/fleet/lag", "/fleet/roundTripMs", "/sloMs")) {
      assertThat(ScenarioJson.of(reference).at(key)).isEqualTo(ScenarioJson.of(defaults).at(key));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "chat", "three-regions", "region-loss"})
  void echo_readAgain_isTheSame(String name) throws Exception {
    Scenario scenario = examples.load(SCENARIOS.resolve(name + ".yaml"));

    String echo = ScenarioJson.of(scenario).toString();

    Scenario again = examples.parse("s.yaml", echo, Path.of("."));
    assertThat(ScenarioJson.of(again).toString()).isEqualTo(echo);
  }

  @Test
  void kimi_traceNotThere_saysHowToNameIt() {
    assertThatThrownBy(() -> examples.load(SCENARIOS.resolve("kimi.yaml")))
        .hasMessageContaining("kimi.yaml:10: workload.trace.file: \"conversation_trace.jsonl\"")
        .hasMessageContaining("--trace FILE names another");
  }

  @Test
  void trace_otherFileNamed_isUsed(@TempDir Path folder) throws Exception {
    Path other = Files.writeString(folder.resolve("t"), "");

    Scenario scenario =
        new ScenarioFile(Policies.ALL.names(), other).load(SCENARIOS.resolve("kimi.yaml"));

    assertThat(((Workload.Trace) scenario.workload()).file().path()).isEqualTo(other);
  }
}
