package io.kvlane.router.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Where a body says {@code stream_options}, and what it says of {@code include_usage}.
 *
 * @param form which of the forms it has
 * @param from the first byte of what a rewrite replaces
 * @param to the byte behind it
 */
record StreamOptions(Form form, int from, int to) {
  /** Nothing is said. */
  static final StreamOptions ABSENT = new StreamOptions(Form.ABSENT, 0, 0);

  private static final String ASK = "\"include_usage\":true";

  /** The forms a client may choose. */
  enum Form {
    ABSENT,
    /** {@code null} at {@code [from, to)}. */
    NULL,
    /** An empty object that begins at {@code from}. */
    EMPTY,
    /** An object without {@code include_usage}, its first field at {@code from}. */
    WITHOUT,
    /** {@code include_usage} is false or null at {@code [from, to)}. */
    NO,
    /** {@code include_usage} is true. */
    YES,
    /** Neither an object nor null, or an odd value: the engine's to judge. */
    ODD
  }

  /** Whether the client gets the usage event, or an error about what it asked. */
  boolean asked() {
    return form == Form.YES || form == Form.ODD;
  }

  /** The change that has the engine report usage; {@code bodyStart} is behind the body's brace. */
  Splice splice(int bodyStart) {
    return switch (form) {
      case ABSENT -> new Splice(bodyStart, bodyStart, "\"stream_options\":{" + ASK + "},");
      case NULL -> new Splice(from, to, "{" + ASK + "}");
      case EMPTY -> new Splice(from, from, ASK);
      case WITHOUT -> new Splice(from, from, ASK + ",");
      case NO -> new Splice(from, to, "true");
      case YES, ODD -> Splice.NONE;
    };
  }

  /** Reads the value at which {@code parser} stands. */
  static StreamOptions read(JsonParser parser) throws IOException {
    JsonToken value = parser.currentToken();
    if (value == JsonToken.VALUE_NULL) {
      return at(Form.NULL, parser);
    }
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new StreamOptions(Form.ODD, 0, 0);
    }
    int inside = (int) parser.currentLocation().getByteOffset();
    StreamOptions found = new StreamOptions(Form.EMPTY, inside, inside);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean usage = parser.currentName().equals("include_usage");
      JsonToken option = parser.nextToken();
      if (usage) {
        found =
            switch (option) {
              case VALUE_TRUE -> at(Form.YES, parser);
              case VALUE_FALSE, VALUE_NULL -> at(Form.NO, parser);
              default -> new StreamOptions(Form.ODD, 0, 0);
            };
      } else if (found.form == Form.EMPTY) {
        found = new StreamOptions(Form.WITHOUT, inside, inside);
      }
      parser.skipChildren();
    }
    return found;
  }

  private static StreamOptions at(Form form, JsonParser parser) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.finishToken();
    return new StreamOptions(form, from, (int) parser.currentLocation().getByteOffset());
  }
}
