package io.kvlane.router.telemetry;

import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Reasons.Why;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of a prompt could have been reused, and what became of that, in tokens: {@code reusable} is
 * the longest cached run on any replica, as index and digests knew it; {@code selected} that of the
 * place that served the request; what was delivered the engine reports.
 *
 * @param loss why {@code selected} is less than {@code reusable}
 */
public record Reuse(int reusable, int selected, Loss loss) {
  /** Why a request was not served where most of its prompt was cached. */
  public enum Loss {
    /** A shorter queue was worth more. */
    LOAD("load"),
    /** The policy keeps it away. */
    POLICY("policy"),
    /** It may not leave some regions. */
    RESIDENCY("residency"),
    /** The round trip would have cost more. */
    DISTANCE("distance"),
    /** The place was out of service, or failed. */
    HEALTH("health");

    private final String word;

    Loss(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /**
   * Compares where a request was served with all places that were weighed.
   *
   * @param reasons of the decision; null if it has none
   * @param region where the request was served
   * @param selected tokens that were believed to be cached there
   * @param failover whether that was not the first attempt
   */
  public static Reuse of(@Nullable Reasons reasons, String region, int selected, boolean failover) {
    if (reasons == null) {
      return new Reuse(selected, selected, Loss.LOAD);
    }
    int best = selected;
    Loss loss = Loss.LOAD;
    Decision decision = reasons.here();
    if (decision != null) {
      for (Candidate candidate : decision.candidates()) {
        if (candidate.cachedTokens() > best) {
          best = candidate.cachedTokens();
          Why why = refusal(reasons, candidate.replica().id());
          boolean first = candidate.equals(decision.winner());
          loss = why != null ? of(why) : first && failover ? Loss.HEALTH : Loss.LOAD;
        }
      }
    }
    for (Reasons.Region other : reasons.regions()) {
      if (other.view().cachedTokens() > best && !other.view().id().equals(region)) {
        best = other.view().cachedTokens();
        Why why = other.refused();
        loss = why != null ? of(why) : other.chosen() ? Loss.HEALTH : Loss.DISTANCE;
      }
    }
    for (Reasons.Refused refused : reasons.refused()) {
      if (refused.cachedTokens() > best) {
        best = refused.cachedTokens();
        loss = of(refused.why());
      }
    }
    return new Reuse(best, selected, loss);
  }

  private static @Nullable Why refusal(Reasons reasons, String replica) {
    for (Reasons.Refused refused : reasons.refused()) {
      if (refused.region() == null && Objects.equals(refused.replica(), replica)) {
        return refused.why();
      }
    }
    return null;
  }

  private static Loss of(Why why) {
    return switch (why) {
      case RESIDENCY -> Loss.RESIDENCY;
      case POLICY -> Loss.POLICY;
      case DRAINED, EVACUATED, UNHEALTHY, BREAKER, SILENT, RETURNING -> Loss.HEALTH;
    };
  }
}
