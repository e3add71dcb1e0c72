package io.kvlane.simulator.live.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvlane.simulator.engine.CacheRoot;
import io.kvlane.simulator.text.Tokenizer;
import io.kvlane.simulator.text.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Reads request bodies. Safe for any thread. */
final class RequestParser {
  private static final int MOST_CHOICES = 128;
  private static final int MOST_SALT = 1024;
  private static final int COMPLETION_DEFAULT = 16;
  private static final int CHAT_DEFAULT_LEAST = 16;
  private static final int CHAT_DEFAULT_SPAN = 49;

  private final EngineOptions options;
  private final JsonMapper json =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  RequestParser(EngineOptions options) {
    this.options = options;
  }

  /**
   * The body as a JSON object.
   *
   * @throws BadRequestException if it is none
   */
  JsonNode object(byte[] body) {
    try {
      JsonNode node = json.readTree(body);
      if (node == null || !node.isObject()) {
        throw new BadRequestException(400, null, "body: expected a JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new BadRequestException(400, null, "body: not valid JSON" + where);
    } catch (IOException e) {
      throw new UncheckedIOException("body in memory", e);
    }
  }

  /** Understands a request to a generating endpoint. */
  GenerationCall generation(Api api, byte[] bytes) {
    JsonNode body = object(bytes);
    String model = model(body);
    List<int[]> prompts =
        switch (api) {
          case CHAT -> List.of(PromptReader.chat(body));
          case RESPONSES -> List.of(PromptReader.responses(body));
          case MESSAGES -> List.of(PromptReader.anthropic(body));
          case COMPLETIONS -> prompts(body, "prompt");
          case EMBEDDINGS -> prompts(body, "input");
        };
    int choices = integer(body, "n", 1, MOST_CHOICES);
    if (choices > 1) {
      List<int[]> each = prompts;
      prompts = each.stream().flatMap(p -> Collections.nCopies(choices, p).stream()).toList();
    }
    if (prompts.size() > MOST_CHOICES * 16) {
      throw new BadRequestException(400, null, "too many prompts in one request");
    }
    int asked = askedTokens(api, body);
    int longest = prompts.stream().mapToInt(p -> p.length).max().orElse(0);
    int room = options.maxModelLen() - longest;
    int wanted = asked >= 0 ? asked : Math.min(defaultTokens(api, prompts.getFirst()), room);
    if (room < 0 || wanted > room || (api != Api.EMBEDDINGS && room == 0)) {
      throw new BadRequestException(
          400,
          api == Api.COMPLETIONS ? "prompt" : "messages",
          "This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the prompt, %d in the completion)."
              .formatted(options.maxModelLen(), longest + Math.max(0, wanted), longest, wanted));
    }
    return new GenerationCall(
        api,
        model,
        new CacheRoot(options.loras().contains(model) ? model : "", salt(body)),
        prompts,
        wanted,
        asked >= 0,
        flag(body, "stream"),
        flag(body.path("stream_options"), "include_usage"),
        body.path("encoding_format").asText().equals("base64"));
  }

  /** The tokens that {@code POST /tokenize} asks for. */
  int[] tokenize(byte[] bytes) {
    JsonNode body = object(bytes);
    if (body.has("model")) {
      model(body);
    }
    if (body.has("messages")) {
      return PromptReader.chat(body);
    }
    if (body.path("prompt").isTextual()) {
      return Tokenizer.encode(body.path("prompt").textValue());
    }
    throw new BadRequestException("prompt", "expected a string, or messages");
  }

  private String model(JsonNode body) {
    JsonNode model = body.path("model");
    if (model.isMissingNode() || model.isNull()) {
      throw new BadRequestException("model", "field required");
    }
    if (!model.isTextual()) {
      throw new BadRequestException("model", "expected a string");
    }
    String name = model.textValue();
    if (!options.models().contains(name) && !options.loras().contains(name)) {
      throw new BadRequestException(404, "model", "The model `" + name + "` does not exist.");
    }
    return name;
  }

  private static List<int[]> prompts(JsonNode body, String field) {
    JsonNode prompt = body.path(field);
    if (prompt.isTextual()) {
      return List.of(text(prompt, field));
    }
    if (!prompt.isArray() || prompt.isEmpty()) {
      throw new BadRequestException(field, "expected a string, strings or token ids");
    }
    if (prompt.get(0).isIntegralNumber()) {
      return List.of(ids(prompt, field));
    }
    List<int[]> prompts = new ArrayList<>();
    for (JsonNode each : prompt) {
      prompts.add(each.isTextual() ? text(each, field) : ids(each, field));
    }
    return prompts;
  }

  private static int[] text(JsonNode text, String field) {
    int[] tokens = Tokenizer.encode(text.textValue());
    if (tokens.length == 0) {
      throw new BadRequestException(field, "expected at least one token");
    }
    return tokens;
  }

  private static int[] ids(JsonNode ids, String field) {
    if (!ids.isArray() || ids.isEmpty()) {
      throw new BadRequestException(field, "expected a string, strings or token ids");
    }
    int[] tokens = new int[ids.size()];
    int i = 0;
    for (JsonNode id : ids) {
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw new BadRequestException(field + "[" + i + "]", "expected a token id");
      }
      tokens[i++] = id.intValue();
    }
    return tokens;
  }

  /** The number of tokens the client asked for, -1 for none. */
  private int askedTokens(Api api, JsonNode body) {
    if (api == Api.EMBEDDINGS) {
      return 0;
    }
    for (String field : List.of("max_completion_tokens", "max_tokens", "max_output_tokens")) {
      if (!body.path(field).isMissingNode() && !body.path(field).isNull()) {
        return integer(body, field, 1, Integer.MAX_VALUE);
      }
    }
    if (api == Api.MESSAGES) {
      throw new BadRequestException("max_tokens", "field required");
    }
    return -1;
  }

  private static int defaultTokens(Api api, int[] prompt) {
    return api == Api.COMPLETIONS
        ? COMPLETION_DEFAULT
        : CHAT_DEFAULT_LEAST
            + (int) Math.floorMod(Words.mix(Arrays.hashCode(prompt)), (long) CHAT_DEFAULT_SPAN);
  }

  private static int integer(JsonNode body, String field, int otherwise, int most) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > most) {
      throw new BadRequestException(field, "expected an integer from 1 to " + most);
    }
    return value.intValue();
  }

  private static boolean flag(JsonNode body, String field) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw new BadRequestException(field, "expected true or false");
    }
    return value.booleanValue();
  }

  private static String salt(JsonNode body) {
    JsonNode salt = body.path("cache_salt");
    if (salt.isMissingNode() || salt.isNull()) {
      return "";
    }
    if (!salt.isTextual() || salt.textValue().isEmpty() || salt.textValue().length() > MOST_SALT) {
      throw new BadRequestException("cache_salt", "expected a string of 1 to 1024 characters");
    }
    return salt.textValue();
  }
}
