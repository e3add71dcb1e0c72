package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.policy.KnownHeaders;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request's features, for asking what another policy would have made of it; never its text.
 *
 * @param arrivedMillis since 1970
 * @param headers what policies may ask of it
 * @param regions where it may be served, whatever policies say; null for anywhere
 * @param promptTokens as the engine reported them, else as they were estimated
 * @param outputTokens likewise; 1 if nobody knows
 * @param blockTokens tokens that a key of the chain stands for
 * @param chain keys of the prompt's blocks
 */
public record Recorded(
    String requestId,
    String router,
    long arrivedMillis,
    String tenant,
    String model,
    String path,
    KnownHeaders headers,
    @Nullable Set<String> regions,
    int promptTokens,
    int outputTokens,
    double blockTokens,
    long[] chain) {
  @Override
  public String toString() {
    return "Recorded[" + requestId + ", " + chain.length + " blocks]";
  }
}
