package io.kvlane.simulator.live.engine;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One API's way of telling an answer, streamed as server-sent events or whole. One instance per
 * request; called in the order {@code opening}, {@code token}..., {@code closing}.
 */
interface Reply {

  /** Events before the first token. */
  String opening(Usage soFar);

  /**
   * The event of one more token.
   *
   * @param finish why the choice ends with this token, null if it goes on
   */
  String token(int choice, String text, @Nullable String finish);

  /** Events after the last token of the last choice. */
  String closing(Usage usage);

  /** The whole answer at once. */
  JsonObject whole(List<String> texts, Usage usage);

  /** The reply that the call's API wants. */
  static Reply of(GenerationCall call, String id, long created) {
    return switch (call.api()) {
      case CHAT -> new ChatReply(call, "chatcmpl-" + id, created);
      case COMPLETIONS -> new CompletionReply(call, "cmpl-" + id, created);
      case RESPONSES -> new ResponsesReply(call, id, created);
      case MESSAGES -> new MessagesReply(call, "msg_" + id);
      case EMBEDDINGS -> new EmbeddingsReply(call, "embd-" + id, created);
    };
  }

  /** A bare data event. */
  static String data(JsonObject data) {
    return "data: " + data.encode() + "\n\n";
  }

  /** An event named after its {@code type}. */
  static String named(JsonObject data) {
    return "event: " + data.getString("type") + "\ndata: " + data.encode() + "\n\n";
  }

  /** Text as a JSON string, quotes included. */
  static String quoted(String text) {
    return Json.encode(text);
  }

  /** OpenAI's usage object. */
  static JsonObject openAiUsage(Usage usage) {
    return new JsonObject()
        .put("prompt_tokens", usage.prompt())
        .put("total_tokens", usage.prompt() + usage.completion())
        .put("completion_tokens", usage.completion())
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", usage.cached()));
  }

  /** A list of one object. */
  static JsonArray only(JsonObject object) {
    return new JsonArray().add(object);
  }
}
