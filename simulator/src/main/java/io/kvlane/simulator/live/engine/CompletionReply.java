package io.kvlane.simulator.live.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/completions}. */
final class CompletionReply implements Reply {
  private final GenerationCall call;
  private final JsonObject head;
  private final String chunk;

  CompletionReply(GenerationCall call, String id, long created) {
    this.call = call;
    head =
        new JsonObject()
            .put("id", id)
            .put("object", "text_completion")
            .put("created", created)
            .put("model", call.model());
    String start = head.encode();
    chunk = "data: " + start.substring(0, start.length() - 1) + ",\"choices\":[";
  }

  @Override
  public String opening(Usage soFar) {
    return "";
  }

  @Override
  public String token(int choice, String text, @Nullable String finish) {
    return chunk
        + "{\"index\":"
        + choice
        + ",\"text\":"
        + Reply.quoted(text)
        + ",\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : '"' + finish + '"')
        + "}]}\n\n";
  }

  @Override
  public String closing(Usage usage) {
    String last =
        call.includeUsage()
            ? Reply.data(
                head.copy().put("choices", new JsonArray()).put("usage", Reply.openAiUsage(usage)))
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
              .put("text", texts.get(i))
              .putNull("logprobs")
              .put("finish_reason", call.finishReason()));
    }
    return head.copy().put("choices", choices).put("usage", Reply.openAiUsage(usage));
  }
}
