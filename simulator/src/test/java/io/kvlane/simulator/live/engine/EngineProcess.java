package io.kvlane.simulator.live.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A simulated engine in a process of its own, as users run it. */
final class EngineProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("engine (\\S+) ready at (\\S+) events (\\S+) replay (\\S+)");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;
  private final Matcher ready;

  private EngineProcess(Process process, Matcher ready) {
    this.process = process;
    this.ready = ready;
  }

  static EngineProcess start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(EngineMain.class.getName());
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    Matcher ready = READY.matcher(line == null ? "" : line);
    if (!ready.matches()) {
      process.destroyForcibly();
      throw new IllegalStateException("not ready: " + line);
    }
    return new EngineProcess(process, ready);
  }

  String events() {
    return ready.group(3);
  }

  String replay() {
    return ready.group(4);
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(request(path, body), HttpResponse.BodyHandlers.ofString());
  }

  /** Sends a request and closes the connection once the answer's first bytes are there. */
  void postAndLeave(String path, String body) throws Exception {
    try (var in =
        client.send(request(path, body), HttpResponse.BodyHandlers.ofInputStream()).body()) {
      in.read();
    }
  }

  String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(ready.group(2) + path)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private HttpRequest request(String path, String body) {
    return HttpRequest.newBuilder(URI.create(ready.group(2) + path))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .header("content-type", "application/json")
        .build();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
