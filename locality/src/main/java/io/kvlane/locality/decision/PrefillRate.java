package io.kvlane.locality.decision;

/**
 * A replica's prefill time per uncached token, learned from what requests really took. Old
 * observations fade. Safe for any thread.
 */
public final class PrefillRate {
  /** Where nothing was observed: a mid-size model on one recent GPU, 8,000 tokens a second. */
  public static final double DEFAULT_MS_PER_TOKEN = 0.125;

  /** Prompts below this say more about fixed overhead than about the rate. */
  public static final int MIN_TOKENS = 256;

  /** Weight that the past keeps with each observation. */
  public static final double DECAY = 0.95;

  private final double decay;
  private final int minTokens;
  private double tokens;
  private double millis;

  /** Nothing observed yet. */
  public PrefillRate() {
    this(DECAY, MIN_TOKENS);
  }

  /** The same with other constants, for studies. */
  public PrefillRate(double decay, int minTokens) {
    this.decay = decay;
    this.minTokens = minTokens;
  }

  /**
   * Notes that a request got its first byte.
   *
   * @param uncachedTokens prefilled from its dispatch on: its own and those that waited before it
   * @param elapsedMs from dispatch to first byte, without the network
   */
  public synchronized void observe(long uncachedTokens, double elapsedMs) {
    if (uncachedTokens >= minTokens && elapsedMs > 0) {
      tokens = tokens * decay + uncachedTokens;
      millis = millis * decay + elapsedMs;
    }
  }

  /** Milliseconds per token, above 0. */
  public synchronized double msPerToken() {
    return tokens == 0 ? DEFAULT_MS_PER_TOKEN : millis / tokens;
  }
}
