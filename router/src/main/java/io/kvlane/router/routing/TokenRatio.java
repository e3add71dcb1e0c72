package io.kvlane.router.routing;

/**
 * How many text bytes make a token of one model, learned from prompts whose length an engine
 * reported. Old observations fade. Safe for any thread.
 */
final class TokenRatio {
  private static final double DECAY = 0.99;

  /** Until something was observed; English prose and code give 3 to 5. */
  static final double BYTES_PER_TOKEN = 4;

  private double bytes = 4 * BYTES_PER_TOKEN;
  private double tokens = 4;

  synchronized void observe(long promptBytes, int promptTokens) {
    if (promptBytes > 0 && promptTokens > 0) {
      bytes = bytes * DECAY + promptBytes;
      tokens = tokens * DECAY + promptTokens;
    }
  }

  synchronized double bytesPerToken() {
    return bytes / tokens;
  }
}
