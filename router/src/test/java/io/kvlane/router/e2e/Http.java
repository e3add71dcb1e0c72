package io.kvlane.router.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A client's side of a test, with the JDK's own client. */
final class Http {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private static final ObjectMapper JSON = new ObjectMapper();

  private Http() {}

  /** A chat answer: what the router said of its choice, and what the engine said of its cache. */
  record Chat(
      int status,
      String region,
      String replica,
      String policy,
      int predicted,
      int reported,
      String decision,
      String body) {}

  static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /**
   * Asks for a short completion of {@code prompt}.
   *
   * @param headers names and values
   */
  static Chat chat(String router, String prompt, String... headers)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("model", Fleet.MODEL).put("max_tokens", 4);
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(router + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    JsonNode cached =
        JSON.readTree(response.body()).at("/usage/prompt_tokens_details/cached_tokens");
    return new Chat(
        response.statusCode(),
        response.headers().firstValue("x-kvlane-region").orElse(""),
        response.headers().firstValue("x-kvlane-replica").orElse(""),
        response.headers().firstValue("x-kvlane-policy").orElse(""),
        Integer.parseInt(response.headers().firstValue("x-kvlane-cached-tokens").orElse("-1")),
        cached.asInt(-1),
        response.headers().firstValue("x-kvlane-decision").orElse(""),
        response.body());
  }
}
