package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.CacheRoot;
import java.util.List;

/**
 * One request to a generating endpoint, understood.
 *
 * @param model the name it asked for
 * @param prompts token ids, one list per choice
 * @param maxTokens tokens to generate per choice
 * @param limited whether the client set that number, so that the answer ends by its length
 * @param includeUsage whether a stream ends with the usage
 * @param base64 whether embeddings are wanted in base64
 */
record GenerationCall(
    Api api,
    String model,
    CacheRoot root,
    List<int[]> prompts,
    int maxTokens,
    boolean limited,
    boolean stream,
    boolean includeUsage,
    boolean base64) {

  /** Why a finished choice ended, in OpenAI's words. */
  String finishReason() {
    return limited ? "length" : "stop";
  }

  int promptTokens() {
    return prompts.stream().mapToInt(prompt -> prompt.length).sum();
  }
}
