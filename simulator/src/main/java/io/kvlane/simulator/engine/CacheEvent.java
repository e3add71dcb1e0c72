package io.kvlane.simulator.engine;

import org.jspecify.annotations.Nullable;

/** One change of an engine's prefix cache, as vLLM's KV events tell it. */
public sealed interface CacheEvent {

  /**
   * Consecutive blocks of one request became reusable. Arrays are owned by the event.
   *
   * @param hashes the engine's 64-bit block hashes, first block first
   * @param parent the hash before the first, null if the first block starts a prompt
   * @param tokens {@code hashes.length * blockSize} token ids
   * @param root adapter and salt of the request
   */
  record Stored(long[] hashes, @Nullable Long parent, int[] tokens, int blockSize, CacheRoot root)
      implements CacheEvent {}

  /** The block of this hash was evicted. */
  record Removed(long hash) implements CacheEvent {}

  /** The whole cache was dropped. */
  record Cleared() implements CacheEvent {}
}
