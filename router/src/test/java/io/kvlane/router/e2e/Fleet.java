package io.kvlane.router.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One region in real processes on loopback: simulated engines, an agent beside each, routers. Every
 * process keeps its ports over restarts. Closing ends them all; logs stay in the directory.
 */
public final class Fleet implements AutoCloseable {
  /** The model that all engines serve. */
  public static final String MODEL = "kvlane-demo";

  /** How long a router that is told to stop lets requests go on. */
  static final Duration DRAIN = Duration.ofSeconds(15);

  private static final Duration START = Duration.ofSeconds(90);
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Path dir;
  private final String keySpace;
  private final String cluster;
  private final List<String> engineOptions;
  private final Map<String, Process> processes = new HashMap<>();
  private final List<Integer> taken = new ArrayList<>();
  private final Map<String, Integer> ports = new HashMap<>();
  private final int engines;
  private final int routers;

  /**
   * Prepares a region; {@link #start} starts it.
   *
   * @param dir for logs and configurations
   * @param keySpace {@code tokens} or {@code text}
   * @param engineOptions further options of every engine
   */
  public Fleet(Path dir, int engines, int routers, String keySpace, List<String> engineOptions) {
    this.dir = dir;
    this.engines = engines;
    this.routers = routers;
    this.keySpace = keySpace;
    this.engineOptions = engineOptions;
    this.cluster = "test-" + ProcessHandle.current().pid() + '-' + System.nanoTime();
  }

  /** Starts everything and waits until every router sees every engine. */
  public Fleet start() throws IOException {
    Files.createDirectories(dir);
    for (int i = 1; i <= engines; i++) {
      startEngine(i);
    }
    for (int i = 1; i <= routers; i++) {
      startRouter(i);
    }
    for (int i = 1; i <= engines; i++) {
      startAgent(i);
    }
    for (int i = 1; i <= routers; i++) {
      awaitReplicas(i, engines);
    }
    return this;
  }

  /** Waits until router {@code i} sees {@code count} healthy replicas. */
  public void awaitReplicas(int i, int count) {
    await("router " + i + " sees " + count + " healthy replicas")
        .atMost(START)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () ->
                Http.get(admin(i) + "/metrics")
                    .body()
                    .contains("kvlane_replicas_healthy " + count + ".0"));
  }

  /** {@code http://HOST:PORT} of router {@code i}, from 1. */
  public String router(int i) {
    return "http://127.0.0.1:" + port("router" + i);
  }

  /** The operators' address of router {@code i}. */
  public String admin(int i) {
    return "http://127.0.0.1:" + port("admin" + i);
  }

  /** {@code http://HOST:PORT} of engine {@code i}, from 1. */
  public String engine(int i) {
    return "http://127.0.0.1:" + port("engine" + i);
  }

  /** {@code http://HOST:PORT} of the agent beside engine {@code i}. */
  public String agent(int i) {
    return "http://127.0.0.1:" + port("agent" + i);
  }

  public void startEngine(int i) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "io.kvlane.simulator.live.engine.EngineMain",
                "--name",
                "engine-" + i,
                "--model",
                MODEL,
                "--port",
                "" + port("engine" + i),
                "--events",
                "tcp://127.0.0.1:" + port("events" + i),
                "--replay",
                "tcp://127.0.0.1:" + port("replay" + i)));
    args.addAll(engineOptions);
    launch("engine-" + i, args);
  }

  public void startAgent(int i) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "io.kvlane.agent.AgentMain",
                "run",
                "--replica",
                "engine-" + i,
                "--engine",
                engine(i),
                "--events",
                "tcp://127.0.0.1:" + port("events" + i),
                "--replay",
                "tcp://127.0.0.1:" + port("replay" + i),
                "--cluster",
                cluster,
                "--listen",
                "127.0.0.1:" + port("agent" + i)));
    for (int r = 1; r <= routers; r++) {
      args.addAll(List.of("--member", "127.0.0.1:" + port("member" + r)));
    }
    launch("agent-" + i, args);
  }

  /** Starts router {@code i}; it may be one beyond those of {@link #start}. */
  public void startRouter(int i) throws IOException {
    StringBuilder members = new StringBuilder();
    for (int r = 1; r <= Math.max(routers, i); r++) {
      members.append(r == 1 ? "" : ", ").append("127.0.0.1:").append(port("member" + r));
    }
    Path config = dir.resolve("router-" + i + ".yaml");
    Files.writeString(
        config,
        """
        region: test
        router: {id: router-%d}
        listen: {host: 127.0.0.1, port: %d}
        admin: {host: 127.0.0.1, port: %d}
        eventLoops: 1
        timeouts: {drain: %ds}
        cluster: {name: %s, host: 127.0.0.1, port: %d, members: [%s]}
        pools:
          - model: %s
            keySpace: %s
            tokenize: {timeout: 2s}
        routing: {allowAffinityOff: true}
        """
            .formatted(
                i,
                port("router" + i),
                port("admin" + i),
                DRAIN.toSeconds(),
                cluster,
                port("member" + i),
                members,
                MODEL,
                keySpace));
    launch(
        "router-" + i,
        List.of("io.kvlane.router.RouterMain", "run", "--config", config.toString()));
  }

  /** Kills a process such as {@code engine-1} as a crash would. */
  public void kill(String name) throws InterruptedException {
    Process process = processes.remove(name);
    process.destroyForcibly().waitFor();
  }

  /**
   * Tells a process to stop, as a service manager does, and waits until it has.
   *
   * @return its exit status
   */
  public int stop(String name) throws InterruptedException {
    Process process = processes.remove(name);
    process.destroy();
    if (!process.waitFor(DRAIN.toSeconds() + 20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError(name + " did not stop by itself");
    }
    return process.exitValue();
  }

  private void launch(String name, List<String> args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.addAll(JVM);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(args);
    Path log = dir.resolve(name + "-" + System.nanoTime() + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    processes.put(name, process);
    await(name + " is ready; see " + log)
        .atMost(START)
        .pollInterval(Duration.ofMillis(20))
        .failFast(name + " ended, see " + log, () -> !process.isAlive())
        .until(() -> Files.readString(log).lines().anyMatch(l -> l.contains(" ready")));
  }

  private int port(String use) {
    return ports.computeIfAbsent(use, u -> freePort());
  }

  private int freePort() {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (!taken.contains(socket.getLocalPort())) {
          taken.add(socket.getLocalPort());
          return socket.getLocalPort();
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    processes.values().forEach(Process::destroy);
    for (Process process : processes.values()) {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
