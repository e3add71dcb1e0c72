package io.kvlane.simulator.live.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/chat/completions}. */
final class ChatReply implements Reply {
  private final GenerationCall call;
  private final JsonObject head;
  private final String chunk;

  ChatReply(GenerationCall call, String id, long created) {
    this.call = call;
    head = new JsonObject().put("id", id).put("created", created).put("model", call.model());
    String start = chunkHead().encode();
    chunk = "data: " + start.substring(0, start.length() - 1) + ",\"choices\":[";
  }

  private JsonObject chunkHead() {
    return head.copy().put("object", "chat.completion.chunk");
  }

  @Override
  public String opening(Usage soFar) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < call.prompts().size(); i++) {
      out.append(chunk)
          .append("{\"index\":")
          .append(i)
          .append(
              ",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    }
    return out.toString();
  }

  @Override
  public String token(int choice, String text, @Nullable String finish) {
    return chunk
        + "{\"index\":"
        + choice
        + ",\"delta\":{\"content\":"
        + Reply.quoted(text)
        + "},\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : '"' + finish + '"')
        + "}]}\n\n";
  }

  @Override
  public String closing(Usage usage) {
    String last =
        call.includeUsage()
            ? Reply.data(
                chunkHead().put("choices", new JsonArray()).put("usage", Reply.openAiUsage(usage)))
            : "";
    return last + "data: [DONE]\n\n";
  }

  @Override
  public JsonObject whole(List<String> texts, Usage usage) {
    JsonArray choices = new JsonArray();
    for (int i = 0; i < texts.size(); i++) {
      choices.add(
          new JsonObject()
              .put("index", i)
              .put(
                  "message", new JsonObject().put("role", "assistant").put("content", texts.get(i)))
              .putNull("logprobs")
              .put("finish_reason", call.finishReason()));
    }
    return head.copy()
        .put("object", "chat.completion")
        .put("choices", choices)
        .put("usage", Reply.openAiUsage(usage));
  }
}
