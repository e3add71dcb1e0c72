package io.kvlane.router.routing;

/**
 * How much more of a replica's cache a text key takes than its length says, learned from the cached
 * tokens that the engine reports: fewer than predicted means that the engine gives up earlier than
 * thought (other traffic, answers, a smaller cache), more means that it holds on longer. Safe for
 * any thread.
 */
final class CacheScale {
  private static final double STEP = 1.02;
  private static final double MAX = 8;

  /** Differences below this, in tokens, come from the edges of blocks and chunks. */
  private static final int EDGE_TOKENS = 128;

  private double factor = 1;

  synchronized void observe(int predictedTokens, int reportedTokens) {
    if (reportedTokens < 0 || Math.abs(predictedTokens - reportedTokens) <= EDGE_TOKENS) {
      return;
    }
    double next = predictedTokens > reportedTokens ? factor * STEP : factor / STEP;
    factor = Math.clamp(next, 1 / MAX, MAX);
  }

  /** From an eighth to 8. */
  synchronized double factor() {
    return factor;
  }
}
