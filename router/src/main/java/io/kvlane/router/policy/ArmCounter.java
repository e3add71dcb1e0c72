package io.kvlane.router.policy;

/** Counts what becomes of requests on one side of a canary. Safe for any thread. */
public final class ArmCounter {
  private final long[] firstBytes = new long[LogBuckets.COUNT];
  private long requests;
  private long errors;
  private long promptTokens;
  private long cachedTokens;

  ArmCounter() {}

  /**
   * A request is over.
   *
   * @param promptTokens as the engine reported, negative if it did not
   * @param cachedTokens likewise
   * @param firstByteMillis 0 if there was none
   */
  public synchronized void finished(
      int status, int promptTokens, int cachedTokens, double firstByteMillis) {
    requests++;
    if (status >= 500) {
      errors++;
    }
    if (promptTokens >= 0 && cachedTokens >= 0) {
      this.promptTokens += promptTokens;
      this.cachedTokens += cachedTokens;
    }
    if (firstByteMillis > 0) {
      firstBytes[LogBuckets.of(firstByteMillis)]++;
    }
  }

  synchronized ArmFigures figures() {
    return new ArmFigures(requests, errors, promptTokens, cachedTokens, firstBytes);
  }
}
