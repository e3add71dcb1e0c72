package io.kvlane.router.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.function.Function;

/**
 * Turns the value at which a parser stands into canonical text, without {@code cache_control} at
 * any depth: clients move it from turn to turn, and it says nothing of the prompt.
 */
final class PromptReader {
  private static final String CACHE_CONTROL = "cache_control";

  private final JsonParser parser;
  private final CanonicalText out;
  private final int maxMessages;
  private final Function<String, InvalidRequest> invalid;

  PromptReader(
      JsonParser parser,
      CanonicalText out,
      int maxMessages,
      Function<String, InvalidRequest> invalid) {
    this.parser = parser;
    this.out = out;
    this.maxMessages = maxMessages;
    this.invalid = invalid;
  }

  /** An array of messages, each an object with a role and a content. */
  void messages() throws IOException, InvalidRequest {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw invalid.apply("expected an array");
    }
    out.mark(CanonicalText.ARRAY);
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw invalid.apply("expected an object");
      }
      if (++count > maxMessages) {
        throw invalid.apply("expected at most " + maxMessages + " messages");
      }
      message();
    }
    out.mark(CanonicalText.END_ARRAY);
  }

  private void message() throws IOException, InvalidRequest {
    out.mark(CanonicalText.OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals(CACHE_CONTROL)) {
        parser.skipChildren();
        continue;
      }
      if (name.equals("role") && value != JsonToken.VALUE_STRING) {
        throw invalid.apply("expected a string");
      }
      if (name.equals("content")
          && value != JsonToken.VALUE_STRING
          && value != JsonToken.START_ARRAY
          && value != JsonToken.VALUE_NULL) {
        throw invalid.apply("expected a string, an array or null");
      }
      name(name);
      value();
    }
    out.mark(CanonicalText.END_OBJECT);
  }

  /** Any value. */
  void value() throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      switch (token) {
        case START_OBJECT -> {
          out.mark(CanonicalText.OBJECT);
          depth++;
        }
        case START_ARRAY -> {
          out.mark(CanonicalText.ARRAY);
          depth++;
        }
        case END_OBJECT -> {
          out.mark(CanonicalText.END_OBJECT);
          depth--;
        }
        case END_ARRAY -> {
          out.mark(CanonicalText.END_ARRAY);
          depth--;
        }
        case FIELD_NAME -> {
          String name = parser.currentName();
          if (name.equals(CACHE_CONTROL)) {
            parser.nextToken();
            parser.skipChildren();
          } else {
            name(name);
          }
        }
        case VALUE_STRING -> scalar(CanonicalText.STRING);
        default -> scalar(CanonicalText.LITERAL);
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  private void name(String name) {
    out.mark(CanonicalText.NAME);
    out.text(name);
  }

  private void scalar(int marker) throws IOException {
    out.mark(marker);
    out.text(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
  }
}
