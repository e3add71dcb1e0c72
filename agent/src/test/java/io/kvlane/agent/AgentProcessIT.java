package io.kvlane.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.agent.event.Payloads;
import io.kvlane.agent.source.FakePublisher;
import io.kvlane.agent.source.FakePublisher.Framing;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.kvlane.simulator.live.engine.EngineOptions;
import io.kvlane.simulator.live.engine.SimulatedEngine;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The agent as a process, beside the simulated engine")
class AgentProcessIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BLOCK = 16;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> processes = new ArrayList<>();
  @TempDir private Path folder;
  private TestRegion region;
  private SimulatedEngine engine;

  @AfterEach
  void stop() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    if (engine != null) {
      engine.close();
    }
    if (region != null) {
      region.close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(AgentMain.class.getName());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    processes.add(process);
    return process;
  }

  private Process startAgent(String... more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("run", "--replica", "r1", "--engine", engine.url()));
    arguments.addAll(List.of("--events", engine.eventsEndpoint()));
    arguments.addAll(List.of("--replay", engine.replayEndpoint()));
    arguments.addAll(List.of("--cluster", region.cluster(), "--member", region.address()));
    arguments.addAll(List.of(more));
    return start(arguments.toArray(String[]::new));
  }

  private void startEngine(String port, String events, String replay) throws Exception {
    EngineOptions options =
        EngineOptions.of(
            "--model",
            "m",
            "--block-size",
            "" + BLOCK,
            "--cache-tokens",
            "65536",
            "--time-scale",
            "100",
            "--port",
            port,
            "--events",
            events,
            "--replay",
            replay);
    engine =
        SimulatedEngine.start(vertx, options)
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  private JsonNode post(String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(engine.url() + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body());
  }

  /** Lets the engine answer a prompt of its own; returns the keys that it then holds. */
  private Set<Long> serve(String prompt) throws Exception {
    String body =
        JSON.writeValueAsString(JSON.createObjectNode().put("model", "m").put("prompt", prompt));
    JsonNode ids = post("/tokenize", body).path("tokens");
    int[] tokens = new int[ids.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids.get(i).asInt();
    }
    post("/v1/completions", body.replace("}", ",\"max_tokens\":1}"));
    Set<Long> keys = new HashSet<>();
    ChainRoot root = new ChainRoot(KeySpace.TOKENS, "m", "", "", BLOCK);
    for (long key : Blocks.tokens(tokens, BLOCK).chain(root).keys()) {
      keys.add(key);
    }
    assertThat(keys).isNotEmpty();
    return keys;
  }

  private static String prompt(String word) {
    return ("Tell me about " + word + ". ").repeat(60);
  }

  @Test
  void run_resetAndRestart_ringAndSnapshotAreWhatTheEngineHolds() throws Exception {
    region = new TestRegion("r1");
    startEngine("0", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    // Before the agent is there: only the replay tells of it.
    Set<Long> held = new HashSet<>(serve(prompt("lanes")));
    Process agent = startAgent();
    region.awaitHeld(held);
    held.addAll(serve(prompt("rivers")));
    held.addAll(serve(prompt("lanes") + prompt("bridges")));
    region.awaitHeld(held);
    long first = region.state().path("epoch").asLong();

    post("/reset_prefix_cache", "");
    held = new HashSet<>(serve(prompt("locks")));
    region.awaitHeld(held);
    long second = region.state().path("epoch").asLong();
    assertThat(second).isGreaterThan(first);

    String port = "" + engine.port();
    String events = engine.eventsEndpoint();
    String replay = engine.replayEndpoint();
    engine.close();
    region.awaitHeld(Set.of());
    startEngine(port, events, replay);
    held = new HashSet<>(serve(prompt("weirs")));
    held.addAll(serve(prompt("mills")));
    region.awaitHeld(held);
    await().atMost(LIMIT).until(() -> region.state().path("healthy").asBoolean());
    assertThat(region.state().path("epoch").asLong()).isGreaterThan(second);
    assertThat(region.state().path("blockSize").asInt()).isEqualTo(BLOCK);

    agent.destroy();
    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(agent.exitValue()).isZero();
    assertThat(region.state().isEmpty()).isTrue();
  }

  @Test
  void run_lostBatchThatNoReplayHolds_isANewEpochWithoutWrongClaims() throws Exception {
    region = new TestRegion("r1");
    startEngine("0", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    startAgent();
    region.awaitHeld(serve(prompt("lanes")));

    post("/fault", "{\"dropBatches\":1}");
    serve(prompt("rivers"));
    region.awaitHeld(serve(prompt("locks")));
  }

  @Test
  void run_listenAddressInUse_saysSoAndFails() throws Exception {
    region = new TestRegion("r1");
    startEngine("0", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    Process agent = startAgent("--listen", "127.0.0.1:" + engine.port());

    assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(agent.exitValue()).isEqualTo(2);
  }

  @Test
  void run_stoppedWhileStarting_leavesNoState() throws Exception {
    region = new TestRegion("r1");
    startEngine("0", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    Process agent = startAgent();
    agent.destroy();
    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();

    // At once, or when the state expires.
    await().atMost(LIMIT).until(() -> region.state().isEmpty());
  }

  @Test
  void watch_printsEventsAndWhatItCouldNotUnderstand() throws Exception {
    try (FakePublisher publisher = new FakePublisher()) {
      publisher.keep(0, Payloads.batch(Payloads.stored(List.of(7L), null, 1, 4)));
      Process watch = start("watch", publisher.events(), "--replay", publisher.replay());
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                publisher.publish(1, Payloads.batch(List.of("Novelty", 1)));
                publisher.answer(Framing.TOPIC, true);
                String out = Files.readString(folder.resolve("out"));
                return out.contains("\"replay_from\":\"0\"")
                    && out.contains("\"hashes\":[\"7\"]")
                    && out.contains("unknown_event");
              });
      assertThat(watch.isAlive()).isTrue();
      for (String line : Files.readAllLines(folder.resolve("out"))) {
        assertThat(JSON.readTree(line).isObject()).isTrue();
      }
    }
  }
}
