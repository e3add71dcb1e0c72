package io.kvlane.simulator.live.load;

import org.jspecify.annotations.Nullable;

/**
 * What became of one request.
 *
 * @param error what went wrong, in few words without the prompt; null if nothing did
 * @param promptTokens as the engine counted them, 0 if unknown
 * @param reportedTokens prompt tokens that the engine found in its cache
 * @param predictedTokens the same as the router foretold it, -1 if it did not
 * @param ttftNanos from sending to the first event
 * @param replica who answered
 * @param decision the router's word for its choice, empty if it gave none
 * @param text the answer's text, kept for chats only
 */
record Outcome(
    @Nullable String error,
    int promptTokens,
    int reportedTokens,
    int predictedTokens,
    long ttftNanos,
    String replica,
    String decision,
    String text) {

  static Outcome failed(String error) {
    return new Outcome(error, 0, 0, -1, 0, "", "", "");
  }

  /** At least half of the prompt was cached. */
  boolean warm() {
    return 2L * reportedTokens >= promptTokens;
  }
}
