package io.kvlane.router.routing;

import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.RegionView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a request goes where it goes, or nowhere: what was known when it was decided, as compact as
 * the decision left it. Made for every request, so it holds no words. Immutable, its keys too.
 *
 * @param ground what it was decided by
 * @param here what was decided among this region's replicas; null if it did not come to that
 * @param regions the other regions that were weighed
 * @param refused what could not be chosen
 * @param features what was known of the request
 */
public record Reasons(
    Ground ground,
    @Nullable Decision here,
    List<Region> regions,
    List<Refused> refused,
    Features features) {

  /** What a request was decided by. */
  public enum Ground {
    /** By the cost of this region's replicas; no other region was cheaper. */
    REPLICAS,
    /** Another region costs less, its round trip included. */
    WORTH,
    /** This region is being drained of it. */
    DRAINED,
    /** No replica here is fit to take it. */
    UNFIT,
    /** No replica here serves the model, or they are all evacuated. */
    ABSENT,
    /** It may not be served here. */
    RESIDENCY,
    /** The client asked to be routed without regard to caches. */
    TURN,
    /** Replicas here keep their memory for those whose prompts they hold. */
    FULL
  }

  /** Why a replica or a region could not be chosen. */
  public enum Why {
    RESIDENCY,
    DRAINED,
    EVACUATED,
    UNHEALTHY,
    BREAKER,
    /** The region does not answer, or serves no such model. */
    SILENT,
    /** The policy keeps the request here while this region can serve it. */
    POLICY,
    /** The region has just come back, and takes a growing part of the requests. */
    RETURNING
  }

  /**
   * What could not be chosen.
   *
   * @param region null for this one
   * @param replica null for the whole region
   * @param cachedTokens that another region holds of the prompt, as its digest tells; 0 of a
   *     replica, which is a candidate all the same
   */
  public record Refused(
      @Nullable String region, @Nullable String replica, int cachedTokens, Why why) {

    static Refused here(@Nullable String replica, Why why) {
      return new Refused(null, replica, 0, why);
    }
  }

  /** Another region as it was seen. */
  public record Region(RegionView view, boolean chosen, @Nullable Why refused) {}

  /**
   * What routing knew of the request.
   *
   * @param promptTokens length of the prompt, as it was estimated
   * @param blockTokens tokens that a key of the chain stands for
   * @param chain keys of the prompt's blocks; none if it was not looked for in caches
   */
  public record Features(int promptTokens, double blockTokens, long[] chain) {
    private static final long[] NO_KEYS = {};

    static Features unread(int promptTokens) {
      return new Features(promptTokens, 1, NO_KEYS);
    }

    @Override
    public String toString() {
      return "Features[" + promptTokens + " tokens, " + chain.length + " blocks]";
    }
  }

  public Reasons {
    regions = List.copyOf(regions);
    refused = List.copyOf(refused);
  }
}
