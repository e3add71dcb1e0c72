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
 * @param sentTo region of the router that was asked, empty if it has no name
 * @param servedBy region whose engine answered, empty if nobody said
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
    String sentTo,
    String servedBy,
    String decision,
    String text) {

  static Outcome failed(String error) {
    return new Outcome(error, 0, 0, -1, 0, "", "", "", "", "");
  }

  Outcome sentTo(String region) {
    return new Outcome(
        error,
        promptTokens,
        reportedTokens,
        predictedTokens,
        ttftNanos,
        replica,
        region,
        servedBy,
        decision,
        text);
  }

  /** Another region than the one that was asked has served it. */
  boolean forwarded() {
    return !sentTo.isEmpty() && !servedBy.isEmpty() && !sentTo.equals(servedBy);
  }

  /** At least half of the prompt was cached. */
  boolean warm() {
    return 2L * reportedTokens >= promptTokens;
  }
}
