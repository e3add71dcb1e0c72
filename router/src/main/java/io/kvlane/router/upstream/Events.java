package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.upstream.EventStream.Opening;

/** Reads single server-sent events. */
final class Events {
  static final ObjectMapper JSON = new ObjectMapper();

  private Events() {}

  /** The event's data: its {@code data} lines, joined. Empty if there are none. */
  static String data(String event) {
    StringBuilder data = new StringBuilder();
    for (String line : event.split("\r\n|\n|\r", -1)) {
      if (line.startsWith("data:")) {
        if (!data.isEmpty()) {
          data.append('\n');
        }
        data.append(line, line.startsWith("data: ") ? 6 : 5, line.length());
      }
    }
    return data.toString();
  }

  /** What {@code event} means as the first one of a stream. */
  static Opening opening(byte[] bytes, int from, int to) {
    String event = new String(bytes, from, to - from, UTF_8);
    String data = data(event);
    if (data.isEmpty() || event.contains("event: ping") || event.contains("event:ping")) {
      return Opening.NOTHING_YET;
    }
    if (!data.contains("\"error\"")) {
      return Opening.CONTENT;
    }
    try {
      JsonNode error = JSON.readTree(data).path("error");
      return error.isObject() ? error(error) : Opening.CONTENT;
    } catch (JacksonException e) {
      return Opening.CONTENT; // not ours to judge: the client sees what the engine said
    }
  }

  private static Opening error(JsonNode error) {
    int code = error.path("code").asInt(0);
    return switch (error.path("type").asText("")) {
      case "overloaded_error", "rate_limit_error" -> Opening.BUSY;
      case "api_error", "timeout_error", "server_error" -> Opening.FAILED;
      default ->
          code == 429 ? Opening.BUSY : code >= 500 && code < 600 ? Opening.FAILED : Opening.CONTENT;
    };
  }
}
