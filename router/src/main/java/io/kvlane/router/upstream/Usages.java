package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.routing.Route;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds the token counts that engines report, in OpenAI's and in Anthropic's form. */
final class Usages {
  private static final String KEY = "\"usage\"";

  private Usages() {}

  /**
   * What an event says of usage.
   *
   * @param nothingElse whether it is the extra event that {@code include_usage} brings
   */
  record InEvent(Route.Usage usage, boolean nothingElse) {
    static final InEvent NONE = new InEvent(Route.Usage.UNKNOWN, false);
  }

  /** Whether a {@code usage} that is not null may be in there; {@code text} is Latin-1. */
  static boolean mentions(String text) {
    int at = text.indexOf(KEY);
    while (at >= 0) {
      at += KEY.length();
      if (object(text, at) >= 0) {
        return true;
      }
      at = text.indexOf(KEY, at);
    }
    return false;
  }

  static InEvent ofEvent(byte[] bytes, int from, int to) {
    Route.Usage usage = Route.Usage.UNKNOWN;
    boolean own = false;
    boolean noChoices = false;
    String data = Events.data(new String(bytes, from, to - from, UTF_8));
    try (JsonParser parser = Events.JSON.createParser(data)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return InEvent.NONE;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "usage" -> {
            if (value == JsonToken.START_OBJECT) {
              own = true;
              usage = counts(parser.readValueAsTree());
            }
          }
          case "choices" -> noChoices = value == JsonToken.START_ARRAY && skipArray(parser);
          case "message", "response" -> {
            JsonNode nested = parser.<JsonNode>readValueAsTree().path("usage");
            if (nested.isObject() && !own) {
              usage = counts(nested);
            }
          }
          default -> {}
        }
        parser.skipChildren();
      }
      return new InEvent(usage, own && noChoices);
    } catch (IOException e) {
      return InEvent.NONE; // a malformed event: the client sees what the engine said
    }
  }

  /** Goes to the end of the array at which the parser stands; whether it is empty. */
  private static boolean skipArray(JsonParser parser) throws IOException {
    int elements = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      elements++;
    }
    return elements == 0;
  }

  /** The last usage in a whole JSON answer. */
  static Route.Usage ofBody(@Nullable Buffer body) {
    if (body == null) {
      return Route.Usage.UNKNOWN;
    }
    String text = body.toString(ISO_8859_1);
    int at = text.lastIndexOf(KEY);
    int from = at < 0 ? -1 : object(text, at + KEY.length());
    if (from < 0) {
      return Route.Usage.UNKNOWN;
    }
    try (JsonParser parser = Events.JSON.createParser(text.substring(from))) {
      return counts(parser.readValueAsTree());
    } catch (IOException e) {
      return Route.Usage.UNKNOWN; // not JSON after all
    }
  }

  /** Later counts replace earlier ones; what is not told stays. */
  static Route.Usage merge(Route.Usage a, Route.Usage b) {
    return new Route.Usage(
        b.promptTokens() >= 0 ? b.promptTokens() : a.promptTokens(),
        b.cachedTokens() >= 0 ? b.cachedTokens() : a.cachedTokens(),
        b.outputTokens() >= 0 ? b.outputTokens() : a.outputTokens());
  }

  private static Route.Usage counts(JsonNode usage) {
    int read = count(usage, "cache_read_input_tokens");
    if (read >= 0 || usage.has("cache_creation_input_tokens")) {
      // Anthropic: input_tokens are those neither read from nor written to the cache.
      int input = count(usage, "input_tokens");
      int written = Math.max(0, count(usage, "cache_creation_input_tokens"));
      int prompt = input < 0 ? -1 : input + written + Math.max(0, read);
      return new Route.Usage(prompt, read, count(usage, "output_tokens"));
    }
    boolean chat = usage.has("prompt_tokens");
    return new Route.Usage(
        count(usage, chat ? "prompt_tokens" : "input_tokens"),
        count(usage.path(chat ? "prompt_tokens_details" : "input_tokens_details"), "cached_tokens"),
        count(usage, chat ? "completion_tokens" : "output_tokens"));
  }

  private static int count(JsonNode usage, String name) {
    JsonNode value = usage.path(name);
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0
        ? value.intValue()
        : -1;
  }

  /** Where the object begins that is the value of a key that ends at {@code at}; -1 if none. */
  private static int object(String text, int at) {
    boolean colon = false;
    for (int i = at; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case ' ', '\t', '\n', '\r' -> {}
        case ':' -> {
          if (colon) {
            return -1;
          }
          colon = true;
        }
        case '{' -> {
          return colon ? i : -1;
        }
        default -> {
          return -1;
        }
      }
    }
    return -1;
  }
}
