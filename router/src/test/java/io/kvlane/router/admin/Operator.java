package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Somebody at a router's admin listener. */
record Operator(String adminUrl, String key) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(adminUrl + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (!key.isEmpty()) {
      request.header("authorization", "Bearer " + key);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Gives an order, such as {@code regions/eu-west:drain}. */
  void orders(String order) throws IOException, InterruptedException {
    HttpResponse<String> answer = send("POST", "/admin/v1/" + order);
    if (answer.statusCode() != 200) {
      throw new AssertionError(order + ": " + answer.statusCode() + ' ' + answer.body());
    }
  }

  /** What is seen, of {@code regions/eu-west} for example. */
  JsonNode sees(String path) throws IOException, InterruptedException {
    return JSON.readTree(send("GET", "/admin/v1/" + path).body());
  }

  double share(String path) throws IOException, InterruptedException {
    JsonNode seen = sees(path);
    return (path.startsWith("pools/") ? seen.path("status") : seen)
        .path("service")
        .path("share")
        .asDouble(-1);
  }
}
