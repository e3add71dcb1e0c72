package io.kvlane.simulator.live.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.simulator.text.TokenList;
import io.kvlane.simulator.text.Tokenizer;

/**
 * The engine's chat template: {@code <|tools|>} JSON, then per message {@code <|role|> content
 * <|end|>}, then {@code <|assistant|>}. An answer sent back as a message therefore continues the
 * prefix that produced it.
 */
final class PromptReader {
  private static final int END = Tokenizer.special("<|end|>");
  private static final int TOOLS = Tokenizer.special("<|tools|>");
  private static final int ASSISTANT = Tokenizer.special("<|assistant|>");

  private final TokenList tokens = new TokenList(1024);

  /** OpenAI chat: {@code messages}, {@code tools}, {@code add_generation_prompt}. */
  static int[] chat(JsonNode body) {
    PromptReader reader = new PromptReader();
    reader.tools(body.path("tools"));
    reader.messages(body.path("messages"), "messages");
    JsonNode open = body.path("add_generation_prompt");
    return reader.finish(open.isMissingNode() || open.asBoolean());
  }

  /** Anthropic: {@code system}, {@code messages}, {@code tools}. */
  static int[] anthropic(JsonNode body) {
    PromptReader reader = new PromptReader();
    reader.tools(body.path("tools"));
    JsonNode system = body.path("system");
    if (!system.isMissingNode() && !system.isNull()) {
      reader.message("system", system, "system");
    }
    reader.messages(body.path("messages"), "messages");
    return reader.finish(true);
  }

  /** OpenAI responses: {@code instructions}, {@code input} as text or items, {@code tools}. */
  static int[] responses(JsonNode body) {
    PromptReader reader = new PromptReader();
    reader.tools(body.path("tools"));
    JsonNode instructions = body.path("instructions");
    if (instructions.isTextual()) {
      reader.message("system", instructions, "instructions");
    }
    JsonNode input = body.path("input");
    if (input.isTextual()) {
      reader.message("user", input, "input");
    } else {
      reader.messages(input, "input");
    }
    return reader.finish(true);
  }

  private void tools(JsonNode tools) {
    if (tools.isArray() && !tools.isEmpty()) {
      tokens.add(TOOLS);
      Tokenizer.encode(tools.toString(), tokens);
      tokens.add(END);
    }
  }

  private void messages(JsonNode messages, String field) {
    if (!messages.isArray() || messages.isEmpty()) {
      throw new BadRequestException(field, "expected a list of at least one message");
    }
    int i = 0;
    for (JsonNode message : messages) {
      String at = field + "[" + i++ + "]";
      if (!message.isObject()) {
        throw new BadRequestException(at, "expected an object");
      }
      JsonNode role = message.path("role");
      if (role.isTextual()) {
        message(role.textValue(), message.path("content"), at + ".content");
        if (message.path("tool_calls").isArray()) {
          Tokenizer.encode(message.path("tool_calls").toString(), tokens);
        }
      } else if (field.equals("input") && message.path("type").isTextual()) {
        // A responses item that is no message, such as a function call and its output.
        message(message.path("type").textValue(), message, at);
      } else {
        throw new BadRequestException(at + ".role", "expected a string");
      }
    }
  }

  private void message(String role, JsonNode content, String at) {
    tokens.add(Tokenizer.special("<|" + role + "|>"));
    content(content, at);
    tokens.add(END);
  }

  private void content(JsonNode content, String at) {
    if (content.isTextual()) {
      Tokenizer.encode(content.textValue(), tokens);
    } else if (content.isArray()) {
      for (JsonNode part : content) {
        JsonNode text = part.path("text");
        if (part.isTextual() || text.isTextual()) {
          Tokenizer.encode((part.isTextual() ? part : text).textValue(), tokens);
        } else if (part.isObject()) {
          Tokenizer.encode(part.toString(), tokens);
        } else {
          throw new BadRequestException(at, "expected text or parts");
        }
      }
    } else if (content.isObject()) {
      Tokenizer.encode(content.toString(), tokens);
    } else if (!content.isNull() && !content.isMissingNode()) {
      throw new BadRequestException(at, "expected text or parts");
    }
  }

  private int[] finish(boolean open) {
    if (open) {
      tokens.add(ASSISTANT);
    }
    return tokens.toArray();
  }
}
