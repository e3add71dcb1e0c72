package io.kvlane.router.admin;

import java.util.Map;

/**
 * What is answered.
 *
 * @param body JSON
 */
record ApiAnswer(int status, Map<String, String> headers, String body) {
  static ApiAnswer ok(Object body) {
    return new ApiAnswer(200, Map.of(), Json.text(body));
  }

  static ApiAnswer ok(String etag, Object body) {
    return new ApiAnswer(200, Map.of("ETag", etag), Json.text(body));
  }
}
