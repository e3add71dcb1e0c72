package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.upstream.EventStream.Opening;
import org.jspecify.annotations.Nullable;

/** Reads single server-sent events. */
final class Events {
  static final ObjectMapper JSON = new ObjectMapper();

  private Events() {}

  /** The event's data: its {@code data} lines, joined. Empty if there are none. */
  static String data(String event) {
    @Nullable StringBuilder several = null;
    String data = "";
    int from = 0;
    while (from < event.length()) {
      int end = lineEnd(event, from);
      if (event.startsWith("data:", from)) {
        int value = from + (event.startsWith(" ", from + 5) ? 6 : 5);
        if (data.isEmpty() && several == null) {
          data = event.substring(value, end);
        } else {
          several = several == null ? new StringBuilder(data) : several;
          several.append('\n').append(event, value, end);
        }
      }
      from = end + 1;
    }
    return several == null ? data : several.toString();
  }

  /** Where the line ends that begins at {@code from}; between a CR and an LF is an empty one. */
  private static int lineEnd(String event, int from) {
    int lf = event.indexOf('\n', from);
    int end = lf < 0 ? event.length() : lf;
    int cr = event.indexOf('\r', from, end);
    return cr < 0 ? end : cr;
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
