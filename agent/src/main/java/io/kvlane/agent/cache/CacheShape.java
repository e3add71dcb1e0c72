package io.kvlane.agent.cache;

/**
 * What must be known of an engine before its blocks can be keyed.
 *
 * @param model the model's name, as the roots of this pool's chains have it
 * @param blockSize tokens per KVLane block, at least 1
 * @param pageSize tokens per block of the engine, 0 if unknown. Events of another size speak of
 *     partial blocks and are left out
 * @param maxPages how many engine blocks may be tracked, at least 1
 */
public record CacheShape(String model, int blockSize, int pageSize, int maxPages) {
  private static final int MARGIN = 1_024;

  /** Room for an engine that does not tell its size: 4M blocks, about 1 GB. */
  private static final int UNKNOWN = 4_000_000;

  public CacheShape {
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 1)");
    }
    if (maxPages < 1) {
      throw new IllegalArgumentException("maxPages: " + maxPages + " (expected: >= 1)");
    }
  }

  /**
   * Twice what the engine can hold and a margin.
   *
   * @param cacheTokens the engine's cache size, 0 if unknown
   */
  public static CacheShape of(String model, int blockSize, int pageSize, long cacheTokens) {
    int page = pageSize > 0 ? pageSize : 1;
    long pages = cacheTokens > 0 ? cacheTokens / page * 2 + MARGIN : UNKNOWN;
    return new CacheShape(model, blockSize, pageSize, (int) Math.min(pages, 16_000_000));
  }
}
