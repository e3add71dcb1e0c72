package io.kvlane.locality.decision;

/**
 * A replica's prefill time per uncached token, learned from what requests really took. Old
 * observations fade. Safe for any thread.
 */
public final class PrefillRate {
  /** Where nothing was observed: a mid-size model on one recent GPU, 8,000 tokens a second. */
  public static final double DEFAULT_MS_PER_TOKEN = 0.125;

  /** Prompts below this say more about fixed overhead than about the rate. */
  private static final int MIN_TOKENS = 256;

  /** Weight that the past keeps with each observation. */
  private static final double DECAY = 0.95;

  private double tokens;
  private double millis;

  /**
   * Notes that a request got its first byte.
   *
   * @param uncachedTokens prefilled from its dispatch on: its own and those that waited before it
   * @param elapsedMs from dispatch to first byte, without the network
   */
  public synchronized void observe(long uncachedTokens, double elapsedMs) {
    if (uncachedTokens >= MIN_TOKENS && elapsedMs > 0) {
      tokens = tokens * DECAY + uncachedTokens;
      millis = millis * DECAY + elapsedMs;
    }
  }

  /** Milliseconds per token, above 0. */
  public synchronized double msPerToken() {
    return tokens == 0 ? DEFAULT_MS_PER_TOKEN : millis / tokens;
  }
}
