package io.kvlane.simulator.live.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/responses}: one message item with one text part. */
final class ResponsesReply implements Reply {
  private final GenerationCall call;
  private final String id;
  private final long created;
  private final StringBuilder text = new StringBuilder();
  private int sequence;

  ResponsesReply(GenerationCall call, String id, long created) {
    this.call = call;
    this.id = id;
    this.created = created;
  }

  @Override
  public String opening(Usage soFar) {
    JsonObject empty = response("in_progress", new JsonArray(), null);
    return event("response.created", new JsonObject().put("response", empty))
        + event("response.in_progress", new JsonObject().put("response", empty))
        + event(
            "response.output_item.added",
            new JsonObject()
                .put("output_index", 0)
                .put("item", item("in_progress", new JsonArray())))
        + event("response.content_part.added", inPart().put("part", part("")));
  }

  @Override
  public String token(int choice, String token, @Nullable String finish) {
    text.append(token);
    return event(
        "response.output_text.delta",
        inPart().put("delta", token).put("logprobs", new JsonArray()));
  }

  @Override
  public String closing(Usage usage) {
    String all = text.toString();
    JsonObject item = item("completed", Reply.only(part(all)));
    return event(
            "response.output_text.done", inPart().put("text", all).put("logprobs", new JsonArray()))
        + event("response.content_part.done", inPart().put("part", part(all)))
        + event(
            "response.output_item.done", new JsonObject().put("output_index", 0).put("item", item))
        + event(
            "response.completed",
            new JsonObject().put("response", response("completed", Reply.only(item), usage)));
  }

  @Override
  public JsonObject whole(List<String> texts, Usage usage) {
    JsonObject item = item("completed", Reply.only(part(texts.getFirst())));
    return response("completed", Reply.only(item), usage);
  }

  private String event(String type, JsonObject content) {
    return Reply.named(
        new JsonObject().put("type", type).put("sequence_number", sequence++).mergeIn(content));
  }

  private JsonObject inPart() {
    return new JsonObject()
        .put("item_id", "msg_" + id)
        .put("output_index", 0)
        .put("content_index", 0);
  }

  private static JsonObject part(String text) {
    return new JsonObject()
        .put("type", "output_text")
        .put("text", text)
        .put("annotations", new JsonArray());
  }

  private JsonObject item(String status, JsonArray content) {
    return new JsonObject()
        .put("id", "msg_" + id)
        .put("type", "message")
        .put("role", "assistant")
        .put("status", status)
        .put("content", content);
  }

  private JsonObject response(String status, JsonArray output, @Nullable Usage usage) {
    return new JsonObject()
        .put("id", "resp_" + id)
        .put("object", "response")
        .put("created_at", created)
        .put("status", status)
        .putNull("error")
        .putNull("incomplete_details")
        .putNull("instructions")
        .put("metadata", new JsonObject())
        .put("model", call.model())
        .put("output", output)
        .put("parallel_tool_calls", true)
        .put("temperature", 1.0)
        .put("tool_choice", "auto")
        .put("tools", new JsonArray())
        .put("top_p", 1.0)
        .put("usage", usage == null ? null : usage(usage));
  }

  private static JsonObject usage(Usage usage) {
    return new JsonObject()
        .put("input_tokens", usage.prompt())
        .put("input_tokens_details", new JsonObject().put("cached_tokens", usage.cached()))
        .put("output_tokens", usage.completion())
        .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
        .put("total_tokens", usage.prompt() + usage.completion());
  }
}
