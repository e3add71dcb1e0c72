package io.kvlane.router.api;

import io.kvlane.locality.prefix.Blocks;
import io.vertx.core.buffer.Buffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the router needs to know of a body.
 *
 * @param model the model's name
 * @param stream whether the client wants an event stream
 * @param dropUsage whether the engine is asked for usage that the client did not ask for
 * @param maxOutputTokens what the client allows, -1 if it did not say
 * @param salt {@code cache_salt}, empty for none
 * @param promptCacheKey {@code prompt_cache_key}, null for none
 * @param text content hashes of the canonical prompt
 * @param tokenizeBody the body for the engine's {@code /tokenize}, null where it has no such form
 * @param body what goes to the engine
 */
record ScannedRequest(
    String model,
    boolean stream,
    boolean dropUsage,
    int maxOutputTokens,
    String salt,
    @Nullable String promptCacheKey,
    Blocks text,
    @Nullable Supplier<Buffer> tokenizeBody,
    Buffer body) {

  /** Leaves the client's texts out. */
  @Override
  public String toString() {
    return "ScannedRequest[" + model + ", " + text + ']';
  }
}
