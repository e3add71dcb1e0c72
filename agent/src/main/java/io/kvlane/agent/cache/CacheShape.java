package io.kvlane.agent.cache;

/**
 * What must be known of an engine before its blocks can be keyed.
 *
 * @param model the model's name, as the roots of this pool's chains have it
 * @param blockSize tokens per KVLane block, at least 1; 0 to learn it from the first blocks stored
 * @param pageSize tokens per block of the engine, 0 if unknown. Events of another size speak of
 *     partial blocks and are left out
 * @param maxPages how many engine blocks may be tracked, at least 1
 */
public record CacheShape(String model, int blockSize, int pageSize, int maxPages) {
  private static final int MARGIN = 1_024;

  /** Blocks of fewer tokens than this cost more to carry than they tell. */
  private static final int MIN_BLOCK = 16;

  /** Room for an engine that does not tell its size: 4M blocks, about 1 GB. */
  private static final int UNKNOWN = 4_000_000;

  public CacheShape {
    if (blockSize < 0) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 0)");
    }
    if (maxPages < 1) {
      throw new IllegalArgumentException("maxPages: " + maxPages + " (expected: >= 1)");
    }
  }

  /**
   * The KVLane block of an engine that nobody gave one: its own page, or as many pages as make up
   * {@value #MIN_BLOCK} tokens (SGLang's pages are often one token). 0 for an unknown page.
   */
  public static int blockOf(int pageSize) {
    return pageSize == 0 ? 0 : Math.ceilDiv(MIN_BLOCK, Math.min(pageSize, MIN_BLOCK)) * pageSize;
  }

  /** The same with the page and block that a stored block of {@code size} tokens shows. */
  CacheShape learned(int size) {
    return new CacheShape(model, blockOf(size), size, maxPages);
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
