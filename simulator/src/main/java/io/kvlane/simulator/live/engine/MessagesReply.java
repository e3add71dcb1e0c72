package io.kvlane.simulator.live.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/messages}. As in Anthropic's API {@code input_tokens} leaves out what {@code
 * cache_read_input_tokens} counts.
 */
final class MessagesReply implements Reply {
  private final GenerationCall call;
  private final String id;

  MessagesReply(GenerationCall call, String id) {
    this.call = call;
    this.id = id;
  }

  @Override
  public String opening(Usage soFar) {
    JsonObject message = message(new JsonArray(), null, soFar);
    return Reply.named(new JsonObject().put("type", "message_start").put("message", message))
        + Reply.named(
            new JsonObject()
                .put("type", "content_block_start")
                .put("index", 0)
                .put("content_block", text("")))
        + Reply.named(new JsonObject().put("type", "ping"));
  }

  @Override
  public String token(int choice, String text, @Nullable String finish) {
    return "event: content_block_delta\n"
        + "data: {\"type\":\"content_block_delta\",\"index\":0,"
        + "\"delta\":{\"type\":\"text_delta\",\"text\":"
        + Reply.quoted(text)
        + "}}\n\n";
  }

  @Override
  public String closing(Usage usage) {
    return Reply.named(new JsonObject().put("type", "content_block_stop").put("index", 0))
        + Reply.named(
            new JsonObject()
                .put("type", "message_delta")
                .put(
                    "delta",
                    new JsonObject().put("stop_reason", stopReason()).putNull("stop_sequence"))
                .put("usage", usage(usage)))
        + Reply.named(new JsonObject().put("type", "message_stop"));
  }

  @Override
  public JsonObject whole(List<String> texts, Usage usage) {
    return message(Reply.only(text(texts.getFirst())), stopReason(), usage);
  }

  private String stopReason() {
    return call.limited() ? "max_tokens" : "end_turn";
  }

  private JsonObject message(JsonArray content, @Nullable String stopReason, Usage usage) {
    return new JsonObject()
        .put("id", id)
        .put("type", "message")
        .put("role", "assistant")
        .put("model", call.model())
        .put("content", content)
        .put("stop_reason", stopReason)
        .putNull("stop_sequence")
        .put("usage", usage(usage));
  }

  private static JsonObject text(String text) {
    return new JsonObject().put("type", "text").put("text", text);
  }

  private static JsonObject usage(Usage usage) {
    return new JsonObject()
        .put("input_tokens", usage.prompt() - usage.cached())
        .put("cache_creation_input_tokens", 0)
        .put("cache_read_input_tokens", usage.cached())
        .put("output_tokens", usage.completion());
  }
}
