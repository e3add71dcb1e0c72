package io.kvlane.router.admin;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is answered.
 *
 * @param type of the body
 * @param body JSON
 */
record ApiAnswer(int status, Map<String, String> headers, String type, Buffer body) {
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
