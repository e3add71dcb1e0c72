package io.kvlane.locality.decision;

/**
 * What an operator may say about decisions.
 *
 * @param loadFactor a replica takes no more than this many times the mean of requests in flight,
 *     plus {@code loadSlack}, at least 1
 * @param loadSlack requests in flight beyond the factor that never count as overload, at least 0
 * @param minStakeTokens cached tokens below which a prompt counts as cold, at least 0
 * @param maxWaitMs a replica at which a request would wait longer is overloaded, at least 0
 * @param spill whether a busy replica is ever passed over; if not, requests wait for the warmest
 *     one, or at home
 */
public record Policy(
    double loadFactor, int loadSlack, int minStakeTokens, double maxWaitMs, boolean spill) {
  /**
   * The bound is a guard, and costs too much where it rules: on the Kimi conversation trace 1.25
   * gives up 23 % of the hits, and agents at 95 % load wait half as long again under 2 and 4 as
   * without a bound. A stake below one coarse engine block (64 tokens) is not worth leaving home
   * for.
   */
  public static final Policy DEFAULT = new Policy(4.0, 16, 64, Double.POSITIVE_INFINITY, true);

  public Policy {
    if (!(loadFactor >= 1)) {
      throw new IllegalArgumentException("loadFactor: " + loadFactor + " (expected: >= 1)");
    }
    if (loadSlack < 0) {
      throw new IllegalArgumentException("loadSlack: " + loadSlack + " (expected: >= 0)");
    }
    if (minStakeTokens < 0) {
      throw new IllegalArgumentException("minStakeTokens: " + minStakeTokens + " (expected: >= 0)");
    }
    if (!(maxWaitMs >= 0)) {
      throw new IllegalArgumentException("maxWaitMs: " + maxWaitMs + " (expected: >= 0)");
    }
  }
}
