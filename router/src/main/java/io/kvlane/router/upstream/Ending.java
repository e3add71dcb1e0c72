package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of itself, for its trace: in OpenAI's and in Anthropic's form.
 *
 * @param model that gave it; empty if it does not say
 * @param reasons why it ended, of each choice
 */
record Ending(String model, List<String> reasons) {
  static final Ending UNKNOWN = new Ending("", List.of());

  /** Longer ones are nobody's. */
  private static final int MAX_LENGTH = 256;

  private static final int MAX_REASONS = 16;

  Ending {
    reasons = List.copyOf(reasons);
  }

  /** Whether an event may say something of it; {@code text} is Latin-1. */
  static boolean isMentioned(String text) {
    return text.contains("_reason\":\"") || text.contains("_reason\": \"");
  }

  /** What is known so far, and what an event adds. */
  Ending and(byte[] bytes, int from, int to) {
    Ending found = of(Events.data(new String(bytes, from, to - from, UTF_8)));
    List<String> all = new ArrayList<>(reasons);
    all.addAll(found.reasons);
    return new Ending(
        found.model.isEmpty() ? model : found.model,
        all.subList(0, Math.min(MAX_REASONS, all.size())));
  }

  /** That of a whole JSON answer. */
  static Ending ofBody(@Nullable Buffer body) {
    return body == null ? UNKNOWN : of(body.toString(UTF_8));
  }

  private static Ending of(String json) {
    String model = "";
    List<String> reasons = new ArrayList<>();
    try (JsonParser parser = Events.JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return UNKNOWN;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "model" -> model = text(parser, value);
          case "stop_reason" -> add(reasons, text(parser, value));
          case "choices" -> {
            if (value == JsonToken.START_ARRAY) {
              choices(parser, reasons);
            }
          }
          case "delta" -> {
            if (value == JsonToken.START_OBJECT) {
              choice(parser, reasons);
            }
          }
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      return UNKNOWN; // malformed: the client sees what the engine said
    }
    return new Ending(model, reasons);
  }

  private static void choices(JsonParser parser, List<String> reasons) throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        choice(parser, reasons);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void choice(JsonParser parser, List<String> reasons) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("finish_reason") || name.equals("stop_reason")) {
        add(reasons, text(parser, value));
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void add(List<String> reasons, String reason) {
    if (!reason.isEmpty() && reasons.size() < MAX_REASONS) {
      reasons.add(reason);
    }
  }

  private static String text(JsonParser parser, JsonToken value) throws IOException {
    parser.skipChildren();
    if (value != JsonToken.VALUE_STRING || parser.getTextLength() > MAX_LENGTH) {
      return "";
    }
    return parser.getText();
  }
}
