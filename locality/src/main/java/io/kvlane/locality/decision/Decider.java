package io.kvlane.locality.decision;

import com.dynatrace.hash4j.hashing.Hashing;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Decision.Why;
import io.kvlane.locality.decision.Decision.Word;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The routing decision: a pure function, without I/O, clock or randomness of its own. Router,
 * simulator and what-if call this very code.
 *
 * <p>The cost of a replica is the predicted time to the first byte: round trip, plus what waits
 * there, plus the prompt's own uncached prefill. Waiting delays this request alone; prefill delays
 * everybody behind it too, so it {@linkplain #prefillWeight counts for more} the busier the pool
 * is. And it evicts as many tokens as it adds, some of which will be {@linkplain #withEvictions
 * prefilled again}. Prefill of what everybody shares delays this request, but is no cost to others:
 * sooner or later all replicas hold it, and whoever comes next is free to go there. What
 * distinguishes a prefix that outgrows its replica is thus only that others are cheaper: it is
 * copied when the queue at its holders costs more than prefilling it once again.
 *
 * <p>Three rules stand beside the cost:
 *
 * <ul>
 *   <li><b>Home.</b> While no replica holds noticeably more of the prompt than its home does,
 *       beyond what everybody shares, it goes home: one of two replicas by rendezvous hashing [1],
 *       the cheaper of them [2]. Routers that know nothing of each other thus agree, and a new
 *       prefix is prefilled once. A detour to home is worth a part of the prefill that a second
 *       copy would cost, no more. Where the cheapest replica holds as much as home does, home saves
 *       no prefill; it keeps routers that decide at once from meeting at the cheapest, and what
 *       follows the prompt, which stays where it begins, is part of the detour.
 *   <li><b>Late.</b> A replica whose oldest request should long have been answered waits for
 *       something else than prefill: a place in the batch, or memory. Places get free as answers
 *       end, and so the wait there is counted in answers.
 *   <li><b>Bounded load.</b> A replica with more than {@code loadFactor} times the mean of requests
 *       in flight, plus a slack, is passed over while others are below [3]: a guard for when the
 *       estimates are wrong.
 * </ul>
 *
 * <p>[1] D. Thaler, C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM ToN
 * 6(1), 1998. [2] DualMap, arXiv 2602.06502. [3] V. Mirrokni, M. Thorup, M. Zadimoghaddam, arXiv
 * 1608.01350. [4] A. Gelman et al., Bayesian Data Analysis, 2.6, 2013.
 */
public final class Decider {
  /**
   * In a queue with one server and utilisation r, a unit of work delays all that arrives until the
   * queue runs empty: 1 / (1 - r) units of waiting in all (M/G/1, L. Kleinrock, Queueing Systems,
   * vol. 1, 1975). A little more than that: on ten cells of the study exponents 1 and 1.5 both have
   * a 95th percentile of TTFT 1 % higher on average; 1 gives up hits (Kimi trace, 8 x 3M tokens, 80
   * % load: 0.322 against 0.330 and 0.337).
   */
  private static final double WEIGHT_EXPONENT = 1.2;

  /**
   * A pool with little to do keeps prefixes together all the same: the Kimi trace on 4 idle
   * replicas of 3M tokens hits 0.277 with it and 0.267 with 1, at the same p95 (scenario {@code
   * local-run}).
   */
  private static final double MIN_WEIGHT = 2;

  /** Nothing is gained by more: at 95 % load 16 and 32 are alike. */
  private static final double MAX_WEIGHT = 32;

  /** A chance is never certain. */
  private static final double MAX_CHANCE = 0.95;

  /**
   * Part of the prefill at home that a detour there may cost. 0: routers that decide at once copy
   * new prefixes (tenants at 95 % load: p95 a quarter worse). 1: a home that is busy holds up cold
   * prompts (agents: half as much again).
   */
  private static final double HOME_DETOUR = 0.25;

  /**
   * In the long run replicas differ by about an eighth in what they have in flight. Of a replica's
   * {@code n} requests beside a mean of {@code m}, chance (Poisson) and such differences (gamma, of
   * shape 8 x 8) leave {@code (n + 64) / (m + 64)} to be expected [4]. With 1, agents of 400k
   * tokens and trees at half load, few of whose requests are in flight, give up prefixes and are 2
   * to 33 % slower.
   */
  private static final double EVIDENCE = 64;

  /**
   * A pool that has prefill to do for less than this share of time has time to spare. With 0.5
   * agents at half load gain 2 % more, and near saturation chat and roaming users lose 1 to 12 %.
   */
  private static final double SPARE_TIME = 0.4;

  /**
   * A replica that loses less than this by what it evicts has memory to spare. 0.02 to 0.2 are
   * alike.
   */
  private static final double SPARE_MEMORY = 0.05;

  /**
   * Part of the prompts that follow one which come from the same region, to where its cache is. 1:
   * users who roam are 8 % slower at half load, and others win no more on average.
   */
  private static final double RETURNING = 0.5;

  private Decider() {}

  /**
   * Decides within a region.
   *
   * @param request what is to be served
   * @param pool where it can be served
   * @param runs cached run of the request's chain in blocks, by {@link ReplicaView#slot()}; what a
   *     replica is about to prefill for others may be counted in
   * @param policy what the operator said
   */
  public static Decision decide(RequestFeatures request, PoolView pool, int[] runs, Policy policy) {
    double weight = prefillWeight(pool.busy());
    List<Candidate> candidates = candidates(request, pool, runs, policy);
    candidates.sort(bestFirst(weight));
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
      return atHome(request, candidates, cheapest, home, weight, policy);
    }
    if (warmest.cachedTokens() - cheapest.cachedTokens() < policy.minStakeTokens()) {
      return new Decision(Word.HIT, Why.WARM, null, weight, candidates);
    }
    if (!policy.spill()) {
      candidates.remove(warmest);
      candidates.addFirst(warmest);
      return new Decision(Word.HIT, Why.AWAITED, cheapest, weight, candidates);
    }
    return new Decision(Word.SPILL, Why.BUSY, warmest, weight, candidates);
  }

  /**
   * Decides whether another region should serve the request: one that costs less than the best
   * replica here, its round trip included. Crossing so pays when the tokens that are cached there
   * in addition, or the shorter queue, are worth the way, and {@linkplain #laterTrips the way of
   * what follows}. The weight of prefill is each region's own, so work flows from the busy to the
   * idle.
   *
   * @param here what {@link #decide} said of the own region
   * @param pool the own region
   * @param others the regions that can be reached and may be used
   * @return the cheapest of them, empty to stay
   */
  public static Optional<RegionView> region(
      RequestFeatures request, Decision here, PoolView pool, List<RegionView> others) {
    Candidate best = here.winner();
    if (!best.replica().healthy()) {
      return elsewhere(request, others);
    }
    // What others evict is not known; it is taken to be worth as much as here.
    return cheapest(
        request,
        others,
        withEvictions(1, best.replica()),
        laterTrips(pool, best.replica()),
        price(best, prefillWeight(pool.busy())));
  }

  /**
   * Round trips that a prompt which crosses costs those that follow it, by {@code h / (1 - h)} as
   * in {@link #crowding}: where it goes is where they are cached. While there is time and memory to
   * spare, a conversation had better stay at home for the sake of its later turns. Otherwise round
   * trips are the lesser evil: regions that keep to themselves are less even, and hold more copies
   * of the same, which cost hits.
   */
  private static double laterTrips(PoolView pool, ReplicaView best) {
    if (pool.busy() >= SPARE_TIME || best.evictionLoss() >= SPARE_MEMORY) {
      return 0;
    }
    double hits = Math.min(MAX_CHANCE, pool.hits());
    return RETURNING * hits / (1 - hits);
  }

  /**
   * The region that serves the request at the least cost, where the own one is not to.
   *
   * @return empty if there is no other
   */
  public static Optional<RegionView> elsewhere(RequestFeatures request, List<RegionView> others) {
    return cheapest(request, others, 1, 0, Double.POSITIVE_INFINITY);
  }

  private static Optional<RegionView> cheapest(
      RequestFeatures request,
      List<RegionView> others,
      double evictions,
      double laterTrips,
      double least) {
    Optional<RegionView> choice = Optional.empty();
    for (RegionView other : others) {
      int uncached = request.promptTokens() - other.cachedTokens();
      int shared = sharedTokens(request, other.cachedTokens());
      double prefill = shared + prefillWeight(other.busy()) * evictions * (uncached - shared);
      double price =
          (1 + laterTrips) * other.roundTripMs()
              + (other.waitingTokens() + prefill) * other.msPerToken();
      if (price < least) {
        least = price;
        choice = Optional.of(other);
      }
    }
    return choice;
  }

  /**
   * How many times a token's prefill counts against time spent waiting: 2 to 32.
   *
   * @param busy share of time in which a replica has prefill to do, 0 to 1
   */
  static double prefillWeight(double busy) {
    double weight = Math.pow(Math.max(1 - busy, 1e-3), -WEIGHT_EXPONENT);
    return Math.clamp(weight, MIN_WEIGHT, MAX_WEIGHT);
  }

  static double price(Candidate candidate, double weight) {
    double all = withEvictions(weight, candidate.replica()) * candidate.crowding();
    return candidate.costMs() + (all - 1) * (candidate.prefillMs() - candidate.sharedMs());
  }

  /**
   * How many times the prefill of a prompt counts at a replica that is more, or less, crowded than
   * the pool, for what comes later included; below 1, even below 0, where fewer requests are in
   * flight than on average.
   *
   * <p>Where a share {@code h} of the tokens is found cached, a prompt is followed, on average, by
   * {@code h / (1 - h)} others with the same beginning, of each of which a share {@code 1 - h} has
   * to be prefilled: a share {@code h} of the prompt's own length comes later, to where it is sent
   * now. By then the queue of now is gone, and what counts is how busy the replica mostly is, with
   * answers as well as with prefill. Requests in flight tell: of replicas that are sent equally
   * much, they grow as {@code 1 / (1 - r)} (processor sharing, and Little's law: L. Kleinrock,
   * Queueing Systems, vol. 2, 1976), which is what the weight is made of. The request itself is one
   * of them.
   *
   * <p>What is not cached has to be prefilled wherever the prompt goes, and is sent by the count as
   * it is. What is cached, the prefix of a conversation, is given up by who follows the count, and
   * a count is chance to a good part; so for that it is weighed by {@linkplain #EVIDENCE what it
   * can know}.
   */
  static double crowding(
      ReplicaView replica, double meanInFlight, double hits, int promptTokens, int cachedTokens) {
    double more = replica.inFlight() - meanInFlight;
    double crowding = 1 + hits * more / (meanInFlight + 1);
    if (cachedTokens > 0) {
      double known = more / (meanInFlight + EVIDENCE);
      crowding += hits * known * cachedTokens / (promptTokens - cachedTokens);
    }
    return crowding;
  }

  /** Tokens that everybody shares among those that are not cached. */
  private static int sharedTokens(RequestFeatures request, int cachedTokens) {
    int shared = Math.min(request.sharedTokens(), request.promptTokens());
    return Math.max(0, shared - cachedTokens);
  }

  /**
   * The weight of a token's prefill with what it destroys: with chance {@code p} the token that it
   * evicts is prefilled again, which evicts another one: {@code 1 + p + p^2 + ... = 1 / (1 - p)}
   * tokens in all.
   */
  static double withEvictions(double weight, ReplicaView replica) {
    return weight / (1 - Math.min(MAX_CHANCE, replica.evictionLoss()));
  }

  /** Usable before unusable, then cheapest. */
  private static Comparator<Candidate> bestFirst(double weight) {
    return Comparator.comparing((Candidate c) -> !c.replica().healthy())
        .thenComparing(Candidate::overloaded)
        .thenComparingDouble(c -> price(c, weight))
        .thenComparing(Comparator.comparingInt(Candidate::cachedTokens).reversed())
        .thenComparing(Comparator.comparingInt(Candidate::choice))
        .thenComparing(c -> c.replica().id());
  }

  private static Decision atHome(
      RequestFeatures request,
      List<Candidate> candidates,
      Candidate cheapest,
      Candidate home,
      double weight,
      Policy policy) {
    double detour = home.costMs() - cheapest.costMs();
    if (home.cachedTokens() > 0 && home.cachedTokens() <= cheapest.cachedTokens()) {
      detour = Math.max(detour, price(home, weight) - price(cheapest, weight));
    }
    if (policy.spill()
        && (home.overloaded() != cheapest.overloaded()
            || detour > HOME_DETOUR * home.prefillMs())) {
      return new Decision(Word.SPILL, Why.BUSY_HOME, home, weight, candidates);
    }
    candidates.remove(home);
    candidates.addFirst(home);
    return 2L * home.cachedTokens() >= request.promptTokens() && home.cachedTokens() > 0
        ? new Decision(Word.HIT, Why.WARM_HOME, null, weight, candidates)
        : new Decision(Word.HOME, Why.HOME, null, weight, candidates);
  }

  private static List<Candidate> candidates(
      RequestFeatures request, PoolView pool, int[] runs, Policy policy) {
    List<ReplicaView> replicas = pool.replicas();
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
      long weight = rendezvous(request.home(), replica.id());
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
    double mean = (double) inFlight / Math.max(1, healthy);
    double bound =
        healthy == 0 ? Double.MAX_VALUE : policy.loadFactor() * mean + policy.loadSlack();
    List<Candidate> candidates = new ArrayList<>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      ReplicaView replica = replicas.get(i);
      // Engines compute at least the last token anew, so never serve a prompt whole.
      double blocks = Math.floor((request.promptTokens() - 1) / request.blockTokens());
      int cached =
          (int) (Math.max(0, Math.min(blocks, runs[replica.slot()])) * request.blockTokens());
      double waitingMs = waitingMs(replica, pool);
      candidates.add(
          new Candidate(
              replica,
              cached,
              waitingMs,
              (request.promptTokens() - cached) * replica.msPerToken(),
              sharedTokens(request, cached) * replica.msPerToken(),
              crowding(replica, mean, pool.hits(), request.promptTokens(), cached),
              i == first ? 1 : i == second ? 2 : Candidate.NOT_HOME,
              replica.inFlight() > bound || waitingMs > policy.maxWaitMs()));
    }
    return candidates;
  }

  private static double waitingMs(ReplicaView replica, PoolView pool) {
    double prefill = replica.waitingTokens() * replica.msPerToken();
    if (!replica.late()) {
      return prefill;
    }
    int answering = Math.max(1, replica.inFlight() - replica.unanswered());
    return Math.max(prefill, replica.unanswered() * pool.answerMs() / answering);
  }

  private static long rendezvous(long home, String replica) {
    return Hashing.xxh3_64().hashLongLongToLong(home, Hashing.xxh3_64().hashCharsToLong(replica));
  }
}
