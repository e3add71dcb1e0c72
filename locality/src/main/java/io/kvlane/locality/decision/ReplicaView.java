package io.kvlane.locality.decision;

/**
 * A replica as one router sees it at the moment of a decision.
 *
 * @param id the replica's name, unique in its region
 * @param slot the replica's number in the index
 * @param healthy whether it may be chosen while others can
 * @param inFlight requests dispatched to it and not yet ended, by all routers
 * @param unanswered those of them that have not had their first byte
 * @param late whether one of these should have had it by now, had prefill been all that it waits
 *     for
 * @param waitingTokens uncached prompt tokens of the unanswered ones
 * @param evictionLoss chance that a block which it evicts now is asked for again, 0 to 1
 * @param msPerToken prefill time per uncached token, as measured
 * @param roundTripMs network time to it and back
 */
public record ReplicaView(
    String id,
    int slot,
    boolean healthy,
    int inFlight,
    int unanswered,
    boolean late,
    long waitingTokens,
    double evictionLoss,
    double msPerToken,
    double roundTripMs) {

  /**
   * The same replica with more requests that wait for their first byte.
   *
   * @param tokens uncached ones of their prompts
   */
  ReplicaView plus(int requests, long tokens) {
    return new ReplicaView(
        id,
        slot,
        healthy,
        inFlight + requests,
        unanswered + requests,
        late,
        waitingTokens + tokens,
        evictionLoss,
        msPerToken,
        roundTripMs);
  }
}
