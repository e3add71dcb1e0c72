package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the fields of a body stand that the engine's {@code /tokenize} takes as they are. */
final class RawFields {
  private record Field(String name, int from, int to) {}

  private final List<Field> fields = new ArrayList<>(4);

  /** Whether a field other than the prompt changes what the chat template makes of it. */
  static boolean wanted(String name) {
    return switch (name) {
      case "add_generation_prompt",
          "continue_final_message",
          "add_special_tokens",
          "chat_template",
          "chat_template_kwargs",
          "mm_processor_kwargs" ->
          true;
      default -> false;
    };
  }

  void add(String name, int from, int to) {
    fields.add(new Field(name, from, to));
  }

  /** Passes over the value at which {@code parser} stands and notes where it is. */
  void read(String name, JsonParser parser) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    add(name, from, (int) parser.currentLocation().getByteOffset());
  }

  /** {@code {"model","messages","tools",...}}. */
  Buffer chat(String model, byte[] body) {
    Buffer out = open(model);
    for (Field field : fields) {
      append(out, field, body);
    }
    if (find("add_generation_prompt") == null) {
      out.appendString(",\"add_generation_prompt\":true");
    }
    return out.appendByte((byte) '}');
  }

  /** {@code {"model","prompt"}}. */
  Buffer prompt(String model, byte[] body) {
    Buffer out = open(model);
    Field prompt = find("prompt");
    if (prompt != null) {
      append(out, prompt, body);
    }
    Field special = find("add_special_tokens");
    if (special != null) {
      append(out, special, body);
    }
    return out.appendByte((byte) '}');
  }

  private static Buffer open(String model) {
    return Buffer.buffer("{\"model\":\"")
        .appendBytes(JsonStringEncoder.getInstance().quoteAsUTF8(model))
        .appendByte((byte) '"');
  }

  private static void append(Buffer out, Field field, byte[] body) {
    out.appendString(",\"")
        .appendBytes(field.name.getBytes(UTF_8))
        .appendString("\":")
        .appendBytes(body, field.from, field.to - field.from);
  }

  private @Nullable Field find(String name) {
    for (Field field : fields) {
      if (field.name.equals(name)) {
        return field;
      }
    }
    return null;
  }
}
