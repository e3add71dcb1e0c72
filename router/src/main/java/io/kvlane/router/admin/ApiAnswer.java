package io.kvlane.router.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is answered.
 *
 * @param type of the body
 * @param body JSON
 * @param stream what goes on answering, null if the body is all
 */
record ApiAnswer(
    int status, Map<String, String> headers, String type, Buffer body, @Nullable Stream stream) {
  /** An answer that goes on. */
  interface Stream {
    /** Begins to write; the head is complete. */
    void begin(HttpServerResponse response);
  }

  private ApiAnswer(int status, Map<String, String> headers, String type, Buffer body) {
    this(status, headers, type, body, null);
  }

  private static final String JSON = "application/json";

  /** What of another router's answer is passed on. */
  private static final List<String> PASSED_ON =
      List.of(
          "Allow",
          "Cache-Control",
          "ETag",
          "Idempotency-Replayed",
          "Retry-After",
          "WWW-Authenticate",
          "X-Validate-Only");

  static ApiAnswer ok(Object body) {
    return of(200, Map.of(), Json.text(body));
  }

  static ApiAnswer ok(String etag, Object body) {
    return of(200, Map.of("ETag", etag), Json.text(body));
  }

  static ApiAnswer of(int status, Map<String, String> headers, String body) {
    return new ApiAnswer(status, headers, JSON, Buffer.buffer(body));
  }

  /** Events as they come. */
  static ApiAnswer events(Stream stream) {
    Map<String, String> headers = Map.of("Cache-Control", "no-store");
    return new ApiAnswer(200, headers, "text/event-stream", Buffer.buffer(), stream);
  }

  /** Another router's answer. */
  static ApiAnswer of(Remote.Reply reply) {
    Map<String, String> headers = new HashMap<>();
    for (String name : PASSED_ON) {
      String value = reply.headers().get(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    String type = reply.headers().get("Content-Type");
    return new ApiAnswer(reply.status(), headers, type == null ? JSON : type, reply.body());
  }

  ApiAnswer with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new ApiAnswer(status, more, type, body);
  }

  ApiAnswer with(Object other) {
    return new ApiAnswer(status, headers, type, Buffer.buffer(Json.text(other)));
  }
}
