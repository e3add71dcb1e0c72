package io.kvlane.simulator.engine;

/**
 * An engine's shape.
 *
 * @param blockSize tokens per block
 * @param maxSequences requests that run at the same time
 * @param maxBatchedTokens tokens computed in one step
 * @param hashSeed makes this engine's block hashes its own
 */
public record SchedulerLimits(
    int blockSize, int maxSequences, int maxBatchedTokens, long hashSeed) {

  public SchedulerLimits {
    atLeastOne("blockSize", blockSize);
    atLeastOne("maxSequences", maxSequences);
    atLeastOne("maxBatchedTokens", maxBatchedTokens);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
    }
  }
}
