package io.kvlane.locality.decision;

import com.dynatrace.hash4j.hashing.Hashing;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Decision.Word;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The routing decision: a pure function, without I/O, clock or randomness of its own. Router,
 * simulator and what-if call this very code.
 *
 * <p>The cost of a replica is the predicted time to the first byte: round trip, plus the prefill
 * work that waits there, plus the prompt's own uncached prefill. Two rules stand beside it:
 *
 * <ul>
 *   <li><b>Home.</b> While no replica holds noticeably more of the prompt than its home does,
 *       beyond what everybody shares, it goes home: one of two replicas by rendezvous hashing [1],
 *       the cheaper of them [2]. Routers that know nothing of each other thus agree, and a new
 *       prefix is prefilled once. It leaves home where waiting there would cost more than
 *       prefilling the prompt once again elsewhere.
 *   <li><b>Bounded load.</b> A replica with more than {@code loadFactor} times the mean of requests
 *       in flight, plus a slack, is passed over while others are below [3]: the longest match alone
 *       collapses onto one replica.
 * </ul>
 *
 * <p>[1] D. Thaler, C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM ToN
 * 6(1), 1998. [2] DualMap, arXiv 2602.06502. [3] V. Mirrokni, M. Thorup, M. Zadimoghaddam, arXiv
 * 1608.01350.
 */
public final class Decider {
  /** Usable before unusable, then cheapest. */
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparing((Candidate c) -> !c.replica().healthy())
          .thenComparing(Candidate::overloaded)
          .thenComparingDouble(Decider::price)
          .thenComparing(Comparator.comparingInt(Candidate::cachedTokens).reversed())
          .thenComparing(Comparator.comparingInt(Candidate::choice));

  /**
   * How many times a token's prefill counts against time spent waiting. Waiting delays this request
   * alone; prefill that a cache could have saved delays everybody behind it, and evicts blocks. See
   * {@code KimiReplayTest}: at 80 % of saturation, 8 in place of 1 keeps 99 % of one pooled cache's
   * hits in place of 83 %, and the mean and the 95th percentile of TTFT fall by a tenth; 16 gains
   * no more.
   */
  private static final double PREFILL_WEIGHT = 8;

  private Decider() {}

  private static double price(Candidate candidate) {
    return candidate.costMs() + (PREFILL_WEIGHT - 1) * candidate.prefillMs();
  }

  /**
   * Decides.
   *
   * @param request what is to be served
   * @param replicas where it can be served; at least one
   * @param runs cached run of the request's chain in blocks, by {@link ReplicaView#slot()}
   * @param policy what the operator said
   */
  public static Decision decide(
      RequestFeatures request, List<ReplicaView> replicas, int[] runs, Policy policy) {
    if (replicas.isEmpty()) {
      throw new IllegalArgumentException("replicas: none");
    }
    List<Candidate> candidates = candidates(request, replicas, runs, policy);
    candidates.sort(BEST_FIRST);
    Candidate cheapest = candidates.getFirst();
    Candidate warmest = cheapest;
    Candidate home = null;
    for (Candidate candidate : candidates) {
      boolean usable = candidate.replica().healthy() == cheapest.replica().healthy();
      if (usable && candidate.cachedTokens() > warmest.cachedTokens()) {
        warmest = candidate;
      }
      if (usable && candidate.home() && home == null) {
        home = candidate; // the cheaper of the two, for the list is sorted
      }
    }
    if (home != null
        && (warmest.cachedTokens() < request.sharedTokens()
            || warmest.cachedTokens() - home.cachedTokens() < policy.minStakeTokens())) {
      return atHome(request, candidates, cheapest, home);
    }
    if (warmest.cachedTokens() - cheapest.cachedTokens() < policy.minStakeTokens()) {
      return new Decision(Word.HIT, "holds the longest cached run at the least cost", candidates);
    }
    String why =
        warmest.overloaded()
            ? "is over its load bound"
            : String.format(
                Locale.ROOT,
                "would take %.0f ms, of which %.0f ms waiting",
                warmest.costMs(),
                warmest.waitingMs());
    return new Decision(
        Word.SPILL, "warmest replica " + warmest.replica().id() + ' ' + why, candidates);
  }

  private static Decision atHome(
      RequestFeatures request, List<Candidate> candidates, Candidate cheapest, Candidate home) {
    double detour = home.costMs() - cheapest.costMs();
    if (home.overloaded() != cheapest.overloaded() || detour > home.prefillMs()) {
      String why =
          home.overloaded()
              ? "is over its load bound"
              : String.format(Locale.ROOT, "would take %.0f ms longer", detour);
      return new Decision(Word.SPILL, "home " + home.replica().id() + ' ' + why, candidates);
    }
    candidates.remove(home);
    candidates.addFirst(home);
    return 2L * home.cachedTokens() >= request.promptTokens() && home.cachedTokens() > 0
        ? new Decision(Word.HIT, "home holds as much as any other", candidates)
        : new Decision(Word.HOME, "nobody holds more than home does", candidates);
  }

  private static List<Candidate> candidates(
      RequestFeatures request, List<ReplicaView> replicas, int[] runs, Policy policy) {
    long firstWeight = Long.MIN_VALUE;
    long secondWeight = Long.MIN_VALUE;
    int first = -1;
    int second = -1;
    int healthy = 0;
    long inFlight = 0;
    for (int i = 0; i < replicas.size(); i++) {
      ReplicaView replica = replicas.get(i);
      if (!replica.healthy()) {
        continue;
      }
      healthy++;
      inFlight += replica.inFlight();
      long weight = weight(request.home(), replica.id());
      if (first < 0 || weight > firstWeight) {
        second = first;
        secondWeight = firstWeight;
        first = i;
        firstWeight = weight;
      } else if (second < 0 || weight > secondWeight) {
        second = i;
        secondWeight = weight;
      }
    }
    double bound =
        healthy == 0
            ? Double.MAX_VALUE
            : policy.loadFactor() * inFlight / healthy + policy.loadSlack();
    List<Candidate> candidates = new ArrayList<>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      ReplicaView replica = replicas.get(i);
      // Engines compute at least the last token anew, so never serve a prompt whole.
      double blocks = Math.floor((request.promptTokens() - 1) / request.blockTokens());
      int cached =
          (int) (Math.max(0, Math.min(blocks, runs[replica.slot()])) * request.blockTokens());
      candidates.add(
          new Candidate(
              replica,
              cached,
              replica.waitingTokens() * replica.msPerToken(),
              (request.promptTokens() - cached) * replica.msPerToken(),
              i == first ? 1 : i == second ? 2 : Candidate.NOT_HOME,
              replica.inFlight() > bound));
    }
    return candidates;
  }

  private static long weight(long home, String replica) {
    return Hashing.xxh3_64().hashLongLongToLong(home, Hashing.xxh3_64().hashCharsToLong(replica));
  }
}
