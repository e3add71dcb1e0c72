package io.kvlane.router.policy;

import java.util.Arrays;
import java.util.Map;

/**
 * What became of requests on one side of a canary.
 *
 * @param errors answered with a status of 500 or above
 * @param promptTokens of prompts whose engine said what was cached
 * @param firstBytes counts of times to the first byte, see {@link LogBuckets}
 */
public record ArmFigures(
    long requests, long errors, long promptTokens, long cachedTokens, long[] firstBytes) {
  static final ArmFigures NONE = new ArmFigures(0, 0, 0, 0, new long[0]);

  public ArmFigures {
    firstBytes = Arrays.copyOf(firstBytes, LogBuckets.COUNT);
  }

  /** Both together. */
  ArmFigures plus(ArmFigures other) {
    long[] sum = firstBytes.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.firstBytes[i];
    }
    return new ArmFigures(
        requests + other.requests,
        errors + other.errors,
        promptTokens + other.promptTokens,
        cachedTokens + other.cachedTokens,
        sum);
  }

  /** As operators see it. */
  public Map<String, Object> summary() {
    return Map.of(
        "requests", requests,
        "errorRate", errorRate(),
        "ttftP95Ms", ttftP95Ms(),
        "hitRatio", hitRatio());
  }

  double errorRate() {
    return requests == 0 ? 0 : (double) errors / requests;
  }

  /** 95th percentile of the time to the first byte, exact to a fifth; 0 if there was none. */
  double ttftP95Ms() {
    return LogBuckets.quantileMs(firstBytes, 0.95);
  }

  /** What that percentile certainly is not below. */
  double ttftP95AtLeastMs() {
    return LogBuckets.quantileAtLeastMs(firstBytes, 0.95);
  }

  /** 1 if nothing could be cached. */
  double hitRatio() {
    return promptTokens == 0 ? 1 : (double) cachedTokens / promptTokens;
  }
}
