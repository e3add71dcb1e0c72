package io.kvlane.locality.log;

import java.util.List;

/**
 * What an agent says of its engine, renewed every half second or at once when health or epoch
 * change. Travels as JSON; readers ignore fields that they do not know.
 *
 * @param id the replica's name, unique in the region
 * @param url the engine's base address, such as {@code http://10.0.0.7:8000}
 * @param models what the engine serves, LoRA adapters included
 * @param healthy whether the engine answers its health check
 * @param epoch life of the replica's cache; grows with every engine restart, clear or unrecoverable
 *     gap. Entries of older epochs are void
 * @param sequence of the last frame published in this epoch, -1 for none: a reader that holds less
 *     is behind
 * @param events whether KV events are being received; without them routers track what they routed
 * @param blockSize the engine's block size in tokens, 0 if unknown
 * @param cacheTokens the engine's cache size in tokens, 0 if unknown
 * @param running requests in the engine's running batch, at its last step
 * @param waiting requests in the engine's queue, at its last step
 * @param kvUsage share of the cache in use by running requests, 0 to 1
 */
public record ReplicaState(
    String id,
    String url,
    List<String> models,
    boolean healthy,
    long epoch,
    long sequence,
    boolean events,
    int blockSize,
    long cacheTokens,
    int running,
    int waiting,
    double kvUsage) {

  public ReplicaState {
    models = List.copyOf(models);
  }
}
