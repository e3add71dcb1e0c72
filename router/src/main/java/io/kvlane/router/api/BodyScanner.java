package io.kvlane.router.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.kvlane.locality.prefix.Blocks;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body once: checks that it is JSON in UTF-8, picks what routing needs, and hashes the
 * prompt. Belongs to one event loop.
 */
final class BodyScanner {
  private final int maxMessages;
  private final ToIntFunction<String> chunkBytes;
  private final JsonFactory json;
  private final CanonicalText[] sections = {
    new CanonicalText(), new CanonicalText(), new CanonicalText()
  };

  /**
   * @param maxMessages messages that one request may have
   * @param maxDepth how deep JSON may nest
   * @param chunkBytes bytes per chunk of the text keys of a model
   */
  BodyScanner(int maxMessages, int maxDepth, ToIntFunction<String> chunkBytes) {
    this.maxMessages = maxMessages;
    this.chunkBytes = chunkBytes;
    this.json =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
  }

  /**
   * @param tenantSalt what engines get as {@code cache_salt} in place of what the client says;
   *     empty to leave it as it is
   */
  ScannedRequest scan(Endpoint endpoint, byte[] body, int length, String tenantSalt)
      throws InvalidRequest {
    int malformed = Utf8.firstMalformed(body, length);
    if (malformed >= 0) {
      throw new InvalidRequest(
          ApiError.invalid("The body is not UTF-8 at byte " + malformed + ".", null));
    }
    for (CanonicalText section : sections) {
      section.reset();
    }
    try (JsonParser parser = json.createParser(body, 0, length)) {
      var scan = new Scan(endpoint, parser, tenantSalt);
      try {
        scan.run();
      } catch (StreamConstraintsException e) {
        throw scan.invalid("too deep, or a number or name is too long");
      } catch (JsonParseException e) {
        throw scan.invalid("not valid JSON");
      }
      return scan.result(body, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is read from outside
    }
  }

  /** The state of one pass. */
  private final class Scan {
    private final Endpoint endpoint;
    private final JsonParser parser;
    private final String tenantSalt;
    private final RawFields raw = new RawFields();
    private @Nullable String model;
    private boolean stream;
    private int maxOutputTokens = -1;
    private String salt = "";
    private int saltFrom;
    private int saltTo;
    private @Nullable String promptCacheKey;
    private boolean plainPrompt;
    private int bodyStart;
    private StreamOptions streamOptions = StreamOptions.ABSENT;
    private int seen;

    Scan(Endpoint endpoint, JsonParser parser, String tenantSalt) {
      this.endpoint = endpoint;
      this.parser = parser;
      this.tenantSalt = tenantSalt;
    }

    void run() throws IOException, InvalidRequest {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw invalid("expected an object");
      }
      bodyStart = (int) parser.currentLocation().getByteOffset();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        field(name, value);
      }
      if (parser.nextToken() != null) {
        throw invalid("expected nothing behind the object");
      }
      if (model == null) {
        throw new InvalidRequest(ApiError.invalid("model: missing.", "model"));
      }
      if ((seen & 1) == 0 && endpoint.prompt().equals("messages")) {
        throw new InvalidRequest(ApiError.invalid("messages: missing.", "messages"));
      }
    }

    private void field(String name, JsonToken value) throws IOException, InvalidRequest {
      switch (name) {
        case "model" -> {
          once(2);
          model = string(value, false);
          if (model.isEmpty()) {
            throw invalid("expected a name");
          }
          return;
        }
        case "stream" -> {
          once(4);
          stream = bool(value);
          return;
        }
        case "max_tokens", "max_completion_tokens", "max_output_tokens" -> {
          maxOutputTokens = Math.max(maxOutputTokens, count(value));
          return;
        }
        case "cache_salt" -> {
          once(8);
          saltFrom = (int) parser.currentTokenLocation().getByteOffset();
          salt = string(value, true);
          parser.finishToken();
          saltTo = (int) parser.currentLocation().getByteOffset();
          return;
        }
        case "prompt_cache_key" -> {
          once(16);
          promptCacheKey = value == JsonToken.VALUE_NULL ? null : string(value, false);
          return;
        }
        case "stream_options" -> {
          once(32);
          streamOptions = StreamOptions.read(parser);
          return;
        }
        default -> {}
      }
      int section = endpoint.section(name);
      if (section < 0) {
        if (RawFields.wanted(name)) {
          raw.read(name, parser);
        } else {
          parser.skipChildren();
        }
        return;
      }
      once(section == 2 ? 1 : section == 1 ? 64 : 0);
      int from = (int) parser.currentTokenLocation().getByteOffset();
      CanonicalText out = sections[section];
      out.mark(CanonicalText.SECTION);
      var prompt = new PromptReader(parser, out, maxMessages, this::invalid);
      if (name.equals("messages")) {
        prompt.messages();
      } else {
        plainPrompt |= section == 2 && value == JsonToken.VALUE_STRING;
        prompt.value();
      }
      parser.finishToken();
      raw.add(name, from, (int) parser.currentLocation().getByteOffset());
    }

    /** The engine takes the last of two equal keys; what we route by must not be ambiguous. */
    private void once(int bit) throws InvalidRequest {
      if ((seen & bit) != 0) {
        throw invalid("occurs twice");
      }
      seen |= bit;
    }

    private String string(JsonToken value, boolean orNull) throws IOException, InvalidRequest {
      if (value == JsonToken.VALUE_STRING) {
        return parser.getText();
      }
      if (orNull && value == JsonToken.VALUE_NULL) {
        return "";
      }
      throw invalid("expected a string");
    }

    private boolean bool(JsonToken value) throws InvalidRequest {
      return switch (value) {
        case VALUE_TRUE -> true;
        case VALUE_FALSE, VALUE_NULL -> false;
        default -> throw invalid("expected true or false");
      };
    }

    private int count(JsonToken value) throws IOException, InvalidRequest {
      if (value == JsonToken.VALUE_NULL) {
        return -1;
      }
      if (!value.isNumeric()) {
        throw invalid("expected a number");
      }
      double number = parser.getDoubleValue();
      return number < 0 ? -1 : (int) number;
    }

    InvalidRequest invalid(String what) {
      return JsonPath.invalid(parser, what);
    }

    ScannedRequest result(byte[] body, int length) {
      String name = model == null ? "" : model;
      Blocks.TextBuilder text = Blocks.text(chunkBytes.applyAsInt(name));
      for (CanonicalText section : sections) {
        section.appendTo(text);
      }
      boolean ask = stream && endpoint.usageOnDemand();
      Splice usage = ask ? streamOptions.splice(bodyStart) : Splice.NONE;
      return new ScannedRequest(
          name,
          stream,
          ask && !streamOptions.asked(),
          maxOutputTokens,
          tenantSalt.isEmpty() ? salt : tenantSalt,
          promptCacheKey,
          text.build(),
          tokenizeBody(name, body),
          Splice.apply(body, length, usage, salted()));
    }

    private Splice salted() {
      if (tenantSalt.isEmpty()) {
        return Splice.NONE;
      }
      String quoted = '"' + tenantSalt + '"'; // of characters that JSON takes as they are
      return saltTo > 0
          ? new Splice(saltFrom, saltTo, quoted)
          : new Splice(bodyStart, bodyStart, "\"cache_salt\":" + quoted + ',');
    }

    private @Nullable Supplier<Buffer> tokenizeBody(String name, byte[] body) {
      return switch (endpoint) {
        case CHAT -> () -> raw.chat(name, body);
        case COMPLETIONS -> plainPrompt ? () -> raw.prompt(name, body) : null;
        case EMBEDDINGS, RESPONSES, MESSAGES -> null;
      };
    }
  }
}
