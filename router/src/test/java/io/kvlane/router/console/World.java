package io.kvlane.router.console;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.admin.AdminServer;
import io.kvlane.router.region.TestRegion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Three regions with a router each; us-east has the policy store. */
final class World implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> NAMES = List.of("us-east", "eu-west", "ap-northeast");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, TestRegion> regions = new LinkedHashMap<>();
  private final Path folder;

  World(Path folder) throws Exception {
    this.folder = folder;
    TestRegion.certify(folder, NAMES.toArray(String[]::new));
    NAMES.forEach(name -> ports.put(name, TestRegion.freePort()));
    for (String name : NAMES) {
      start(name);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                us().reaches("eu-west")
                    && us().reaches("ap-northeast")
                    && regions.values().stream().allMatch(World::serves));
  }

  /** Whether this build has it. */
  static boolean hasConsole() {
    return AdminServer.class.getResource("console/files.txt") != null;
  }

  private static boolean serves(TestRegion router) {
    return router.gauge("kvlane.config.revision") == 1;
  }

  private void start(String name) throws Exception {
    Map<String, List<String>> others = new LinkedHashMap<>();
    ports.forEach(
        (other, port) -> {
          if (!other.equals(name)) {
            others.put(other, List.of("127.0.0.1:" + port));
          }
        });
    String yaml =
        """
        policies:
          directory: %s
          control: us-east
          store: {owner: ""}
          every: 50ms
        """
            .formatted(folder.resolve("disk-" + name));
    regions.put(name, new TestRegion(name, ports.get(name), folder, others, 1, yaml));
  }

  TestRegion us() {
    return regions.get("us-east");
  }

  TestRegion ap() {
    return regions.get("ap-northeast");
  }

  void startAp() throws Exception {
    start("ap-northeast");
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path, "", Map.of());
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(path).body());
  }

  JsonNode policy(String id) throws IOException, InterruptedException {
    return json("/policies/" + id);
  }

  /** Creates a policy. */
  HttpResponse<String> put(String id, String json) throws IOException, InterruptedException {
    return send("PUT", "/policies/" + id, json, Map.of("If-None-Match", "*"));
  }

  /** Changes it, as somebody else would. */
  void patch(String id, String json) throws IOException, InterruptedException {
    String etag = get("/policies/" + id).headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> done = send("PATCH", "/policies/" + id, json, Map.of("If-Match", etag));
    if (done.statusCode() != 200) {
      throw new IllegalStateException(done.body());
    }
  }

  private HttpResponse<String> send(
      String method, String path, String json, Map<String, String> headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(us().adminUrl() + "/admin/v1" + path))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + TestRegion.ADMIN_KEY)
            .header(
                "Content-Type",
                method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
    headers.forEach(request::header);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    regions.values().forEach(TestRegion::close);
    client.shutdownNow();
  }
}
