package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.routing.Route;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Finds the token counts that engines report, in OpenAI's and in Anthropic's form. */
final class Usages {
  private static final byte[] KEY = "\"usage\"".getBytes(UTF_8);

  private Usages() {}

  /**
   * What an event says of usage.
   *
   * @param nothingElse whether it is the extra event that {@code include_usage} brings
   */
  record InEvent(Route.Usage usage, boolean nothingElse) {
    static final InEvent NONE = new InEvent(Route.Usage.UNKNOWN, false);
  }

  /** Whether a {@code usage} that is not null may be in there. */
  static boolean mentions(byte[] bytes, int from, int to) {
    int at = from;
    while ((at = indexOf(bytes, at, to)) >= 0) {
      at += KEY.length;
      if (object(bytes, at, to) >= 0) {
        return true;
      }
    }
    return false;
  }

  static InEvent ofEvent(byte[] bytes, int from, int to) {
    try {
      JsonNode data = Events.JSON.readTree(Events.data(new String(bytes, from, to - from, UTF_8)));
      JsonNode choices = data.path("choices");
      JsonNode usage = data.path("usage");
      if (usage.isObject()) {
        return new InEvent(counts(usage), choices.isArray() && choices.isEmpty());
      }
      JsonNode nested = data.path("message").path("usage");
      return new InEvent(
          counts(nested.isObject() ? nested : data.path("response").path("usage")), false);
    } catch (JacksonException e) {
      return InEvent.NONE; // a malformed event: the client sees what the engine said
    }
  }

  /** The last usage in a whole JSON answer. */
  static Route.Usage ofBody(@Nullable Buffer body) {
    if (body == null) {
      return Route.Usage.UNKNOWN;
    }
    byte[] bytes = body.getBytes();
    int at = bytes.length - KEY.length;
    while (at >= 0 && !keyAt(bytes, at)) {
      at--;
    }
    int from = at < 0 ? -1 : object(bytes, at + KEY.length, bytes.length);
    if (from < 0) {
      return Route.Usage.UNKNOWN;
    }
    try (var parser = Events.JSON.createParser(bytes, from, bytes.length - from)) {
      return counts(parser.readValueAsTree());
    } catch (java.io.IOException e) {
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

  private static int indexOf(byte[] bytes, int from, int to) {
    for (int i = from; i <= to - KEY.length; i++) {
      if (bytes[i] == '"' && keyAt(bytes, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean keyAt(byte[] bytes, int at) {
    for (int i = 0; i < KEY.length; i++) {
      if (bytes[at + i] != KEY[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where the object begins that is the value of a key that ends at {@code at}; -1 if none. */
  private static int object(byte[] bytes, int at, int to) {
    boolean colon = false;
    for (int i = at; i < to; i++) {
      switch (bytes[i]) {
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
