package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.text.Words;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/embeddings}: a unit vector per input that depends on its tokens alone. */
final class EmbeddingsReply implements Reply {
  private static final int DIMENSIONS = 64;

  private final GenerationCall call;
  private final String id;
  private final long created;

  EmbeddingsReply(GenerationCall call, String id, long created) {
    this.call = call;
    this.id = id;
    this.created = created;
  }

  @Override
  public String opening(Usage soFar) {
    throw new UnsupportedOperationException("embeddings are not streamed");
  }

  @Override
  public String token(int choice, String text, @Nullable String finish) {
    throw new UnsupportedOperationException("embeddings are not streamed");
  }

  @Override
  public String closing(Usage usage) {
    throw new UnsupportedOperationException("embeddings are not streamed");
  }

  @Override
  public JsonObject whole(List<String> texts, Usage usage) {
    JsonArray data = new JsonArray();
    for (int i = 0; i < call.prompts().size(); i++) {
      float[] vector = vector(call.prompts().get(i));
      data.add(
          new JsonObject()
              .put("index", i)
              .put("object", "embedding")
              .put("embedding", call.base64() ? base64(vector) : list(vector)));
    }
    return new JsonObject()
        .put("id", id)
        .put("object", "list")
        .put("created", created)
        .put("model", call.model())
        .put("data", data)
        .put("usage", Reply.openAiUsage(usage));
  }

  private static float[] vector(int[] tokens) {
    long seed = Arrays.hashCode(tokens);
    float[] vector = new float[DIMENSIONS];
    double square = 0;
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] = (Words.mix(seed * DIMENSIONS + i) >> 40) / (float) (1 << 23);
      square += vector[i] * vector[i];
    }
    float norm = (float) Math.sqrt(square);
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] /= norm;
    }
    return vector;
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static JsonArray list(float[] vector) {
    JsonArray list = new JsonArray();
    for (float value : vector) {
      list.add(value);
    }
    return list;
  }
}
