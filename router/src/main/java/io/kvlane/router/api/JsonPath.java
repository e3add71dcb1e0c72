package io.kvlane.router.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import java.util.Set;

/**
 * Names the place in a body where a parser stands, like {@code messages[3].content}. Field names
 * that are not the API's own may be the client's secrets: they appear as {@code ?}.
 */
final class JsonPath {
  private static final Set<String> PUBLIC =
      Set.of(
          "model",
          "stream",
          "stream_options",
          "include_usage",
          "max_tokens",
          "max_completion_tokens",
          "max_output_tokens",
          "cache_salt",
          "prompt_cache_key",
          "messages",
          "prompt",
          "input",
          "tools",
          "functions",
          "function",
          "parameters",
          "system",
          "instructions",
          "role",
          "content",
          "type",
          "text",
          "name");

  private JsonPath() {}

  static InvalidRequest invalid(JsonParser parser, String what) {
    String path = of(parser.getParsingContext());
    JsonLocation at = parser.currentLocation();
    String place =
        "line " + Math.max(1, at.getLineNr()) + ", column " + Math.max(1, at.getColumnNr());
    String message = (path.isEmpty() ? "The body" : path) + ": " + what + " (" + place + ").";
    return new InvalidRequest(ApiError.invalid(message, path.isEmpty() ? null : path));
  }

  private static String of(JsonStreamContext context) {
    JsonStreamContext parent = context.getParent();
    if (parent == null) {
      return "";
    }
    String above = of(parent);
    if (context.inArray()) {
      return context.hasCurrentIndex() ? above + '[' + context.getCurrentIndex() + ']' : above;
    }
    String name = context.getCurrentName();
    if (name == null) {
      return above;
    }
    String shown = PUBLIC.contains(name) ? name : "?";
    return above.isEmpty() ? shown : above + '.' + shown;
  }
}
