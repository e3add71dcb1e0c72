package io.kvlane.agent.event;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One change to an engine's cache. Hashes are 64-bit patterns, opaque, to be printed unsigned. */
public sealed interface KvEvent {

  /**
   * Consecutive blocks that entered the cache.
   *
   * @param hashes the engine's names of the blocks, first block first
   * @param parent the block before the first; null if the first begins a chain
   * @param tokens ids (unsigned 32-bit), {@code hashes.length * blockSize} of them, or none if the
   *     blocks only gained a copy in {@code medium}. Of EAGLE pairs, the first of each
   * @param seconds the second of each EAGLE pair; empty otherwise
   * @param blockSize tokens (or pairs) per block, at least 0
   * @param medium where the copy lies
   * @param lora the LoRA adapter: its name, {@code #} and its number where the engine gives no
   *     name, or empty for the base model
   * @param cacheSalt the salt, where the engine gives it a field of its own; a secret
   * @param extraKeys per block, what else its content depends on; may be shorter than the hashes. A
   *     secret: vLLM puts the salt here
   * @param group KV cache group, 0 unless the model is a hybrid
   * @param kind of attention in the group; null if the engine does not say
   */
  record BlockStored(
      long[] hashes,
      @Nullable Long parent,
      int[] tokens,
      int[] seconds,
      int blockSize,
      Medium medium,
      String lora,
      @Nullable String cacheSalt,
      List<List<String>> extraKeys,
      int group,
      @Nullable String kind)
      implements KvEvent {

    public BlockStored {
      extraKeys = List.copyOf(extraKeys);
    }

    /** What block {@code i} depends on besides its tokens. */
    public List<String> extraKeys(int i) {
      return i < extraKeys.size() ? extraKeys.get(i) : List.of();
    }

    /**
     * Whether the tokens are a row as a prompt is. EAGLE's blocks are rows of pairs that overlap:
     * the first of each pair is the plain row that prompts' chains are made of, and so they match.
     * The engine asks for one token more, the one behind the block: a prompt that parts from a
     * cached one exactly at a block's end is credited with a block that lies in the cache, but that
     * the engine will not reuse for it. Pairs that do not overlap say nothing of a prompt.
     */
    public boolean isTokenRow() {
      return seconds.length == 0
          || Arrays.equals(seconds, 0, seconds.length - 1, tokens, 1, tokens.length);
    }

    /** Leaves out tokens and salts: they are prompt content and secrets. */
    @Override
    public String toString() {
      return "BlockStored["
          + hashes.length
          + " x "
          + blockSize
          + ", "
          + medium
          + ", "
          + group
          + ']';
    }
  }

  /**
   * Blocks whose copy in {@code medium} left the cache.
   *
   * @param hashes the engine's names of the blocks
   * @param medium where the copy lay
   * @param group KV cache group; null if the engine does not say
   */
  record BlockRemoved(long[] hashes, Medium medium, @Nullable Integer group) implements KvEvent {}

  /** Every block of the batch's rank left the cache. */
  record AllBlocksCleared() implements KvEvent {}
}
