package io.kvlane.router.routing;

import io.kvlane.locality.prefix.Blocks;
import io.kvlane.router.policy.Policy;
import io.vertx.core.buffer.Buffer;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What routing knows of a request.
 *
 * @param model the model's name as the client sent it
 * @param salt the request's {@code cache_salt}, empty for none; a secret, never logged
 * @param text content hashes of the canonical prompt bytes
 * @param tokenizeBody the body that asks the engine's {@code POST /tokenize} for this prompt's
 *     token ids; null where the engine has no such form of the request, then text keys are used
 * @param maxOutputTokens what the client allows the engine to generate, -1 if it did not say
 * @param affinity a client's hint which requests belong together, such as a session id; null for
 *     none
 * @param affinityOff whether the client asks, for a comparison, to be routed without regard to
 *     caches
 * @param forwarded whether another region has sent it: it goes no further
 * @param regions where it may be served; null for anywhere
 * @param policy by which it is routed
 */
public record RequestFacts(
    String model,
    String salt,
    Blocks text,
    @Nullable Supplier<Buffer> tokenizeBody,
    int maxOutputTokens,
    @Nullable String affinity,
    boolean affinityOff,
    boolean forwarded,
    @Nullable Set<String> regions,
    Policy policy) {

  /** Whether the request may be served in that region. */
  public boolean mayUse(String region) {
    return regions == null || regions.contains(region);
  }

  /** Leaves salt and hint out: they are the client's. */
  @Override
  public String toString() {
    return "RequestFacts[" + model + ", " + text + ']';
  }
}
