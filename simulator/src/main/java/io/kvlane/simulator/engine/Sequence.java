package io.kvlane.simulator.engine;

import io.kvlane.locality.prefix.Blocks;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * One request inside an engine: its tokens so far and the blocks that hold them. Made by any
 * thread, then owned by the {@link Scheduler} it is submitted to.
 */
public final class Sequence {
  private final int promptLength;
  private final int maxTokens;
  private final CacheRoot root;
  private final IntUnaryOperator sampler;

  private int[] tokens;
  private int length;
  private long[] hashes = new long[0];
  private int hashed;
  private int[] blocks = new int[0];
  private int blockCount;
  private int computed;
  private int storedBlocks;
  private int cachedTokens = -1;
  private boolean aborted;

  /**
   * @param prompt the prompt's token ids, at least one
   * @param maxTokens tokens to generate; 0 ends the request with its prefill
   * @param sampler gives the i-th generated token, from 0
   */
  public Sequence(int[] prompt, int maxTokens, CacheRoot root, IntUnaryOperator sampler) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("prompt: no tokens (expected: at least one)");
    }
    this.tokens = prompt.clone();
    this.length = prompt.length;
    this.promptLength = prompt.length;
    this.maxTokens = maxTokens;
    this.root = root;
    this.sampler = sampler;
  }

  public int promptTokens() {
    return promptLength;
  }

  public int maxTokens() {
    return maxTokens;
  }

  public int generatedTokens() {
    return length - promptLength;
  }

  /** Prompt tokens found in the cache when the prefill began; 0 before. */
  public int cachedTokens() {
    return Math.max(0, cachedTokens);
  }

  public CacheRoot root() {
    return root;
  }

  int length() {
    return length;
  }

  int computed() {
    return computed;
  }

  int pending() {
    return length - computed;
  }

  boolean decoding() {
    return computed >= promptLength;
  }

  boolean neverScheduled() {
    return cachedTokens < 0;
  }

  boolean aborted() {
    return aborted;
  }

  void abort() {
    aborted = true;
  }

  int blockCount() {
    return blockCount;
  }

  /** Blocks missing to hold the first {@code upTo} tokens. */
  int missingBlocks(int upTo, int blockSize) {
    return Math.max(0, (upTo + blockSize - 1) / blockSize - blockCount);
  }

  /** The hash of full block {@code i}; asked for in order. */
  long hash(int i, int blockSize, long seed) {
    if (i >= hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.max(i + 1, length / blockSize + 4));
    }
    while (hashed <= i) {
      long parent = hashed == 0 ? root.hash(seed) : hashes[hashed - 1];
      hashes[hashed] =
          Blocks.key(parent, Blocks.tokenContent(tokens, hashed * blockSize, blockSize));
      hashed++;
    }
    return hashes[i];
  }

  void addBlock(int block) {
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(8, blockCount * 2));
    }
    blocks[blockCount++] = block;
  }

  int block(int i) {
    return blocks[i];
  }

  /** The prefill begins (again) behind {@code cached} tokens whose blocks have been added. */
  void begin(int cached, int blockSize) {
    computed = cached;
    storedBlocks = cached / blockSize;
    if (cachedTokens < 0) {
      cachedTokens = cached;
    }
  }

  void advance(int count) {
    computed += count;
  }

  int storedBlocks() {
    return storedBlocks;
  }

  void stored(int upTo) {
    storedBlocks = upTo;
  }

  int[] tokens(int from, int to) {
    return Arrays.copyOfRange(tokens, from, to);
  }

  /** Appends the next generated token, unless {@code maxTokens} is 0. True if it was the last. */
  boolean generate() {
    if (maxTokens == 0) {
      return true;
    }
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, length + Math.clamp(length / 4, 16, 1024));
    }
    tokens[length] = sampler.applyAsInt(length - promptLength);
    length++;
    return generatedTokens() >= maxTokens;
  }

  void release(BlockPool pool) {
    pool.release(blocks, blockCount);
    blockCount = 0;
    computed = 0;
    storedBlocks = 0;
  }
}
