package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A PostgreSQL from the machine's packages ({@code apt-get install postgresql}), one for all tests
 * of a JVM. Tests that need it are skipped where it is absent.
 */
final class PostgresServer {
  private static final Path PACKAGES = Path.of("/usr/lib/postgresql");
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private static PostgresServer running;

  private final int port;

  private PostgresServer(int port) {
    this.port = port;
  }

  /** The URL of a new, empty database. */
  static String newDatabase() throws Exception {
    assumeTrue(
        Files.isDirectory(PACKAGES), "PostgreSQL is not installed: apt-get install postgresql");
    PostgresServer server = get();
    String name = "t" + DATABASES.incrementAndGet();
    try (Connection connection = DriverManager.getConnection(server.url("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return server.url(name);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + '/' + database + "?user=kvlane";
  }

  private static synchronized PostgresServer get() throws Exception {
    if (running == null) {
      running = start();
    }
    return running;
  }

  private static PostgresServer start() throws Exception {
    Path bin;
    try (Stream<Path> versions = Files.list(PACKAGES)) {
      bin = versions.sorted().toList().getLast().resolve("bin");
    }
    Path data = Files.createTempDirectory("kvlane-postgres-");
    List<String> as = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      run(List.of("chown", "postgres", data.toString()));
      as.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    List<String> init = new ArrayList<>(as);
    init.addAll(List.of("" + bin.resolve("initdb"), "-D", "" + data, "-U", "kvlane"));
    init.addAll(List.of("--auth=trust", "--encoding=UTF8", "--no-locale"));
    run(init);
    int port = freePort();
    List<String> command = new ArrayList<>(as);
    command.addAll(List.of("" + bin.resolve("postgres"), "-D", "" + data, "-p", "" + port));
    command.addAll(List.of("-k", "" + data, "-h", "127.0.0.1"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process, data)));
    var server = new PostgresServer(port);
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(
            () -> {
              DriverManager.getConnection(server.url("postgres")).close();
              return true;
            });
    return server;
  }

  private static void stop(Process process, Path data) {
    process.destroy();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
      run(List.of("rm", "-rf", data.toString()));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output);
    }
  }
}
