package io.kvlane.router.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Two llm-d-inference-sim engines with an agent each, and one router, as processes in a network
 * namespace of their own.
 */
final class ForeignRegion implements AutoCloseable {
  static final String MODEL = "sim-model";
  static final List<String> REPLICAS = List.of("sim-a", "sim-b");

  private static final int ROUTER_PORT = 8101;
  private static final int MEMBER_PORT = 5701;
  private static final int FIRST_ENGINE_PORT = 18601;
  private static final int FIRST_EVENT_PORT = 15601;

  private final NetworkNamespace network;
  private final Path engine;
  private final Path logs;
  private final List<Process> processes = new ArrayList<>();
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param engine the engine's binary
   * @param logs where the processes write their logs
   */
  ForeignRegion(NetworkNamespace network, Path engine, Path logs) {
    this.network = network;
    this.engine = engine;
    this.logs = logs;
  }

  /** Starts all processes, in an order in which none has to wait for the next. */
  void start() throws IOException {
    Path config = logs.resolve("router.yaml");
    Files.writeString(
        config,
        """
        region: test
        listen: {host: 127.0.0.1, port: %d}
        admin: {host: 127.0.0.1, port: 9101}
        cluster: {host: 127.0.0.1, port: %d, members: ["127.0.0.1:%d"]}
        pools:
          - model: %s
            keySpace: tokens
            tokenize: {timeout: 2s}
        """
            .formatted(ROUTER_PORT, MEMBER_PORT, MEMBER_PORT, MODEL));
    startJava("router", "io.kvlane.router.RouterMain", "run", "--config", config.toString());
    for (int i = 0; i < REPLICAS.size(); i++) {
      // The engine connects: whoever wants its first events has to be bound before.
      startAgent(REPLICAS.get(i), FIRST_ENGINE_PORT + i, FIRST_EVENT_PORT + i);
      startEngine(REPLICAS.get(i), FIRST_ENGINE_PORT + i, FIRST_EVENT_PORT + i);
    }
  }

  private void startAgent(String replica, int port, int events) throws IOException {
    startJava(
        "agent-" + replica,
        "io.kvlane.agent.AgentMain",
        "run",
        "--replica",
        replica,
        "--engine",
        "http://127.0.0.1:" + port,
        "--events",
        "tcp://127.0.0.1:" + events,
        "--events-mode",
        "bind",
        "--member",
        "127.0.0.1:" + MEMBER_PORT);
  }

  private void startEngine(String replica, int port, int events) throws IOException {
    String options =
        """
        --model %s --port %d --zmq-endpoint tcp://127.0.0.1:%d --force-dummy-tokenizer \
        --enable-kvcache --kv-cache-size 1024 --block-size 16 --hash-seed 0 --event-batch-size 16 \
        --max-model-len 32768 --max-num-seqs 32 --mode random --seed 42 \
        --latency-calculator per-token --prefill-overhead 30ms --prefill-time-per-token 300us \
        --inter-token-latency 1ms\
        """
            .formatted(MODEL, port, events);
    List<String> command = new ArrayList<>(List.of(engine.toString()));
    command.addAll(List.of(options.split(" ")));
    start(
        "engine-" + replica,
        command,
        Map.of("POD_IP", replica, "POD_NAME", replica, "POD_NAMESPACE", "test"));
  }

  private void startJava(String name, String main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(arguments));
    start(name, command, Map.of());
  }

  private void start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(network.inside(command))
            .redirectErrorStream(true)
            .redirectOutput(logs.resolve(name + ".log").toFile());
    builder.environment().putAll(environment);
    processes.add(builder.start());
  }

  boolean isEngineUp(String replica) throws Exception {
    return get(FIRST_ENGINE_PORT + REPLICAS.indexOf(replica), "/health").status == 200;
  }

  boolean isRouterUp() throws Exception {
    Reply models = get(ROUTER_PORT, "/v1/models");
    return models.status == 200 && models.body.findValuesAsText("id").contains(MODEL);
  }

  /** Asks the router for an answer of two tokens. */
  Reply chat(String prompt) throws Exception {
    String body =
        json.createObjectNode()
            .put("model", MODEL)
            .put("max_tokens", 2)
            .set(
                "messages",
                json.createArrayNode()
                    .add(json.createObjectNode().put("role", "user").put("content", prompt)))
            .toString();
    return curl(
        "-H",
        "content-type: application/json",
        "--data-binary",
        body,
        "http://127.0.0.1:%d/v1/chat/completions".formatted(ROUTER_PORT));
  }

  private Reply get(int port, String path) throws Exception {
    return curl("http://127.0.0.1:%d%s".formatted(port, path));
  }

  /** Sends a request from inside the namespace, where this JVM cannot reach. */
  private Reply curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-s", "-i", "-m", "20"));
    command.addAll(List.of(arguments));
    Process curl = new ProcessBuilder(network.inside(command)).start();
    String text = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return curl.waitFor() == 0 ? Reply.parse(text, json) : Reply.NONE;
  }

  /** The last lines of every process, for a failed test. */
  String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (var files = Files.list(logs)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        all.append("--- ").append(file.getFileName()).append('\n');
        lines.stream()
            .skip(Math.max(0, lines.size() - 15))
            .forEach(line -> all.append(line).append('\n'));
      }
    }
    return all.toString();
  }

  @Override
  public void close() throws InterruptedException {
    processes.reversed().forEach(Process::destroy);
    for (Process process : processes) {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /**
   * One HTTP answer.
   *
   * @param status 0 if there was none
   * @param headers by lower-case name
   * @param body a missing node if it is no JSON
   */
  record Reply(int status, Map<String, String> headers, JsonNode body) {
    static final Reply NONE = new Reply(0, Map.of(), new ObjectMapper().missingNode());

    static Reply parse(String text, ObjectMapper json) throws IOException {
      int gap = text.indexOf("\r\n\r\n");
      List<String> head = text.substring(0, gap).lines().toList();
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line : head.subList(1, head.size())) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      String body = text.substring(gap + 4);
      return new Reply(
          Integer.parseInt(head.getFirst().split(" ")[1]),
          headers,
          body.startsWith("{") ? json.readTree(body) : json.missingNode());
    }

    String replica() {
      return headers.getOrDefault("x-kvlane-replica", "");
    }

    int predictedCachedTokens() {
      return Integer.parseInt(headers.getOrDefault("x-kvlane-cached-tokens", "-1"));
    }

    int reportedCachedTokens() {
      return body.at("/usage/prompt_tokens_details/cached_tokens").asInt(-1);
    }
  }
}
