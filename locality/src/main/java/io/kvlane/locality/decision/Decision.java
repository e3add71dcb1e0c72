package io.kvlane.locality.decision;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request should go and why. Made for every request: it keeps numbers, and makes words of
 * them when asked.
 *
 * @param word the decision in one word
 * @param why by which rule
 * @param rival the replica that the rule weighed the winner against, null if there was none
 * @param weight how many times prefill counts against waiting, 1 or more
 * @param candidates every replica, best first: the winner, then those to try if it fails
 */
public record Decision(
    Word word, Why why, @Nullable Candidate rival, double weight, List<Candidate> candidates) {

  public Decision {
    candidates = List.copyOf(candidates);
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates: none");
    }
  }

  public Candidate winner() {
    return candidates.getFirst();
  }

  /** The price by which a candidate was compared: its cost, with what its prefill delays. */
  public double priceMs(Candidate candidate) {
    return Decider.price(candidate, weight);
  }

  /** The decision in a sentence; no client data. */
  public String reason() {
    Candidate best = winner();
    String name = best.replica().id();
    return switch (why) {
      case WARM ->
          String.format(
              Locale.ROOT,
              "Replica %s holds %d tokens of the prompt, no other one noticeably more, and costs"
                  + " the least: first byte in %.0f ms, of which %.0f ms waiting.",
              name,
              best.cachedTokens(),
              best.costMs(),
              best.waitingMs());
      case AWAITED ->
          String.format(
              Locale.ROOT,
              "Replica %s holds the longest cached run, %d tokens, and is waited for (%.0f ms): the"
                  + " policy does not let requests spill.",
              name,
              best.cachedTokens(),
              best.waitingMs());
      case WARM_HOME ->
          String.format(
              Locale.ROOT,
              "Replica %s is the prompt's home and holds %d tokens of it, as much as any other.",
              name,
              best.cachedTokens());
      case HOME ->
          String.format(
              Locale.ROOT,
              "No replica holds noticeably more of the prompt than its home %s does: %d tokens.",
              name,
              best.cachedTokens());
      case BUSY -> "The warmest replica " + passedOver(best);
      case BUSY_HOME -> "The prompt's home " + passedOver(best);
    };
  }

  private String passedOver(Candidate best) {
    Candidate other = rival == null ? best : rival;
    String cost =
        other.overloaded()
            ? "is over its load bound"
            : String.format(
                Locale.ROOT,
                "would take %.0f ms, of which %.0f ms waiting",
                other.costMs(),
                other.waitingMs());
    return String.format(
        Locale.ROOT,
        "%s, with %d tokens cached, %s; %s takes %.0f ms with %d.",
        other.replica().id(),
        other.cachedTokens(),
        cost,
        best.replica().id(),
        best.costMs(),
        best.cachedTokens());
  }

  /** The rule that decided. */
  public enum Why {
    /** The longest cached run is also the cheapest. */
    WARM,
    /** The longest cached run is waited for, whatever it costs. */
    AWAITED,
    /** Home holds as much as any other, and that is a good part. */
    WARM_HOME,
    /** Nobody holds noticeably more than home does. */
    HOME,
    /** The rival holds the longest run, but is passed over. */
    BUSY,
    /** The rival is home, but is passed over. */
    BUSY_HOME
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
   * @param sharedMs time for those of them that so many share that a copy is no cost
   * @param crowding how many times prefill counts here, beside the decision's weight, for what will
   *     follow the prompt; 1 where the replica is as crowded as the pool, 0 or less where it is so
   *     much less that this is worth more than the prefill
   * @param choice 1 or 2 if the prompt belongs here while it is cold, as first or second choice
   * @param overloaded whether the load bound stands against it
   */
  public record Candidate(
      ReplicaView replica,
      int cachedTokens,
      double waitingMs,
      double prefillMs,
      double sharedMs,
      double crowding,
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

    /** Prefill that others will have to repeat because of what is evicted here, milliseconds. */
    public double evictionMs() {
      return (Decider.withEvictions(1, replica) - 1) * prefillMs;
    }
  }
}
