package io.kvlane.simulator.engine;

/**
 * How long a step takes.
 *
 * @param prefillTokensPerSecond rate of the prefill
 * @param decodeBaseMillis what a step with decodes takes at least
 * @param decodePerRequestMillis and per decoding request
 * @param timeScale divides all durations: 10 makes the engine ten times faster
 */
public record StepCost(
    double prefillTokensPerSecond,
    double decodeBaseMillis,
    double decodePerRequestMillis,
    double timeScale) {

  public StepCost {
    if (!(prefillTokensPerSecond > 0 && timeScale > 0)) {
      throw new IllegalArgumentException(
          "prefill tokens per second and time scale: expected more than 0");
    }
    if (!(decodeBaseMillis >= 0 && decodePerRequestMillis >= 0)) {
      throw new IllegalArgumentException("decode times: expected 0 ms or more");
    }
  }

  /** The step's duration in nanoseconds. */
  public long nanos(Step step) {
    return nanos(step.prefillTokens(), step.decodes());
  }

  /** Duration in nanoseconds of a step that prefills so many tokens beside so many decodes. */
  long nanos(int prefillTokens, int decodes) {
    double millis = prefillTokens * 1e3 / prefillTokensPerSecond;
    if (decodes > 0) {
      millis += decodeBaseMillis + decodePerRequestMillis * decodes;
    }
    return Math.round(millis * 1e6 / timeScale);
  }
}
