package io.kvlane.router.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How requests that match are routed. The policy with the lowest {@code priority} that matches a
 * request decides alone.
 *
 * @param priority 1 to 1,000,000, no two policies have the same
 * @param regionOrder in which other regions stand in for one that cannot serve a request, or has
 *     failed it; those that are not named come last, the nearest first
 * @param crossRegion when a request goes to another region although this one could serve it
 * @param consistency its side of the CAP choice; nobody chooses that for an operator, so it has no
 *     default
 * @param partition what holds while regions do not hear of each other; only with {@code AP}
 */
public record Policy(
    String id,
    String description,
    int priority,
    Match match,
    Affinity affinity,
    Spill spill,
    List<String> regionOrder,
    Residency residency,
    CrossRegion crossRegion,
    Failover failover,
    TimeLimits timeLimits,
    Retry retry,
    Hedge hedge,
    Quota quota,
    Consistency consistency,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Partition partition)
    implements Resource {

  /** The policy that every revision has and that matches what no other does. */
  public static final String LAST_RESORT = "default";

  /** What holds where a policy leaves a field out. */
  public static final Policy DEFAULTS =
      new Policy(
          LAST_RESORT,
          "",
          1_000_000,
          new Match("*", "*", "*", Map.of()),
          new Affinity(Affinity.Keys.POOL, 64),
          new Spill(true, 600_000, 4.0),
          List.of(),
          new Residency(List.of()),
          CrossRegion.WORTH,
          new Failover(true, true),
          new TimeLimits(120_000, 600_000, 60_000),
          new Retry(3, 20, 1000),
          new Hedge(0),
          new Quota(0, Quota.Unit.TOKENS, Quota.Window.MINUTE, false),
          Consistency.CP,
          null);

  public Policy {
    regionOrder = List.copyOf(regionOrder);
  }

  /**
   * Whom a policy matches: all four must. In a pattern {@code *} stands for any text.
   *
   * @param modelGlob a pattern for the model's name as the client sent it
   * @param tenant a pattern for the tenant's name
   * @param route a pattern for the path, like {@code /v1/chat/*}
   * @param headers patterns by a header's name, in lower case; the header must be there
   */
  public record Match(String modelGlob, String tenant, String route, Map<String, String> headers) {
    public Match {
      headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    /** Whether nothing is asked for. */
    boolean isAnything() {
      return modelGlob.equals("*") && tenant.equals("*") && route.equals("*") && headers.isEmpty();
    }
  }

  /**
   * How caches count.
   *
   * @param minStakeTokens cached tokens below which load alone decides, 0 to 10,000,000
   */
  public record Affinity(Keys keySpace, int minStakeTokens) {
    /** What keys are made of. */
    public enum Keys {
      /** As the pool says. */
      POOL,
      /** Text, without asking an engine for token ids. */
      TEXT
    }
  }

  /**
   * When a colder replica is taken because the warm one is busy.
   *
   * @param enabled whether it ever is: if not, a request waits for the warm one however long
   * @param maxWaitMs the longest predicted wait at a replica while others take less, 0 to 600,000
   * @param maxLoadFactor requests in flight at a replica over the pool's mean, 1 to 100
   */
  public record Spill(boolean enabled, long maxWaitMs, double maxLoadFactor) {}

  /**
   * Where requests may be served.
   *
   * @param allowedRegions empty for anywhere
   */
  public record Residency(List<String> allowedRegions) {
    public Residency {
      allowedRegions = List.copyOf(allowedRegions);
    }

    boolean allows(String region) {
      return allowedRegions.isEmpty() || allowedRegions.contains(region);
    }

    /** The regions that several rules have in common; null if none of them says anything. */
    public static @Nullable Set<String> common(List<Collection<String>> rules) {
      Set<String> left = null;
      for (Collection<String> rule : rules) {
        left = narrowed(left, rule);
      }
      return left;
    }

    /**
     * What a rule leaves of some regions.
     *
     * @param allowed null for anywhere
     * @param rule empty if it says nothing
     */
    public static @Nullable Set<String> narrowed(
        @Nullable Set<String> allowed, Collection<String> rule) {
      if (rule.isEmpty()) {
        return allowed;
      }
      Set<String> left = new HashSet<>(rule);
      if (allowed != null) {
        left.retainAll(allowed);
      }
      return left;
    }
  }

  /** When a request goes to another region. */
  public enum CrossRegion {
    /** Not while this region can serve it; which other one does is then chosen by cost. */
    NEVER,
    /** When what the other region has cached, or its shorter queue, is worth the round trip. */
    WORTH,
    /** Not while this region can serve it; otherwise always to the nearest one. */
    NEAREST
  }

  /**
   * Where a request goes whose first place failed.
   *
   * @param otherReplicas whether another replica of the region is tried
   * @param otherRegions whether another region is tried, or takes over when no replica is healthy
   */
  public record Failover(boolean otherReplicas, boolean otherRegions) {}

  /**
   * How long to wait, each 1 to 86,400,000 ms.
   *
   * @param firstByteMs for the first event of a stream
   * @param answerMs for the first byte of an answer that is no stream; not below firstByteMs
   * @param idleMs for more, in the middle of an answer
   */
  public record TimeLimits(long firstByteMs, long answerMs, long idleMs) {}

  /**
   * Attempts behind the first one.
   *
   * @param maxAttempts the first included, 1 to 10
   * @param budgetPercent of the router's requests under this policy, over ten seconds, 0 to 50
   * @param minPerSecond what a router may always retry, 0 to 1000
   */
  public record Retry(int maxAttempts, double budgetPercent, int minPerSecond) {}

  /**
   * Second attempts before the first has failed.
   *
   * @param maxExtraPercent load that they may add, 0 (off) to 5
   */
  public record Hedge(double maxExtraPercent) {}

  /**
   * What matching requests may spend.
   *
   * @param limit per window, 0 for no limit
   * @param hard whether spending more is a loss of money that must not happen
   */
  public record Quota(long limit, Unit unit, Window window, boolean hard) {
    /** What is counted. */
    public enum Unit {
      REQUESTS,
      TOKENS,
      MICRO_USD
    }

    /** Over which time. */
    public enum Window {
      MINUTE,
      HOUR,
      DAY,
      MONTH
    }
  }

  /** What gives way while regions do not hear of each other. */
  public enum Consistency {
    /** Availability: nothing is served that the quota store has not granted. */
    CP,
    /** Consistency, within a stated bound. */
    AP
  }

  /**
   * What holds while regions do not hear of each other.
   *
   * @param maxStalenessMs the oldest state that is acted upon, 0 to 86,400,000
   * @param maxOvershoot over the quota's limit, as a part of it: 0 to 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Partition(
      @Nullable OnPartition onPartition,
      @Nullable Long maxStalenessMs,
      @Nullable Double maxOvershoot) {
    /** What becomes of requests. */
    public enum OnPartition {
      REJECT,
      /** Served within this region's share of the limit. */
      SERVE_LOCAL_SHARE,
      /** Served by the last known state. */
      SERVE_STALE
    }
  }
}
