package io.kvlane.locality.decision;

import java.util.List;

/**
 * Where a request should go and why.
 *
 * @param word the decision in one word
 * @param reason the decision in a sentence; no client data
 * @param candidates every replica, best first: the winner, then those to try if it fails
 */
public record Decision(Word word, String reason, List<Candidate> candidates) {

  public Decision {
    candidates = List.copyOf(candidates);
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates: none");
    }
  }

  public Candidate winner() {
    return candidates.getFirst();
  }

  /** A decision's name in headers and metrics. */
  public enum Word {
    /** To a replica that holds the prompt's prefix. */
    HIT,
    /** Past a warmer or closer replica, because that one is busy. */
    SPILL,
    /** Nobody holds it: to where it belongs. */
    HOME;

    /** The word in lower case. */
    public String label() {
      return switch (this) {
        case HIT -> "hit";
        case SPILL -> "spill";
        case HOME -> "home";
      };
    }
  }

  /**
   * What a replica offered.
   *
   * @param replica the replica as it was seen
   * @param cachedTokens the cached run, in tokens
   * @param waitingMs time until its present work is prefilled
   * @param prefillMs time for the tokens that are not cached
   * @param choice 1 or 2 if the prompt belongs here while it is cold, as first or second choice
   * @param overloaded whether the load bound stands against it
   */
  public record Candidate(
      ReplicaView replica,
      int cachedTokens,
      double waitingMs,
      double prefillMs,
      int choice,
      boolean overloaded) {
    static final int NOT_HOME = 3;

    /** Whether the prompt belongs here while it is cold. */
    public boolean home() {
      return choice != NOT_HOME;
    }

    /** Predicted time to the first byte, milliseconds. */
    public double costMs() {
      return replica.roundTripMs() + waitingMs + prefillMs;
    }
  }
}
