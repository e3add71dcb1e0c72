package io.kvlane.router.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.region.TestRegion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Somebody who writes policies at one router's admin listener. */
record Admin(String url, String key) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  static Admin at(TestRegion router) {
    return at(router, TestRegion.ADMIN_KEY);
  }

  static Admin at(TestRegion router, String key) {
    return new Admin(router.adminUrl(), key);
  }

  /** An answer, its body read as JSON. */
  record Answer(int status, HttpResponse<String> raw, JsonNode body) {
    String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }

    String code() {
      return body.path("code").asText();
    }
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, null);
  }

  /** Creates a policy; {@code json} is what it says beside the mandatory, with single quotes. */
  Answer create(String id, int priority, String json) throws IOException, InterruptedException {
    String whole = "{'priority':" + priority + ",'consistency':'CP'" + json + '}';
    return send("PUT", "/policies/" + id, whole, "If-None-Match", "*");
  }

  /**
   * @param json with single quotes, null for no body
   * @param headers names and values
   */
  Answer send(String method, String path, String json, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url + "/admin/v1" + path))
            .timeout(Duration.ofSeconds(90))
            .header("Authorization", "Bearer " + key);
    if (json != null) {
      String type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    request.method(
        method,
        json == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
    HttpResponse<String> raw = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(raw.statusCode(), raw, JSON.readTree(raw.body()));
  }
}
