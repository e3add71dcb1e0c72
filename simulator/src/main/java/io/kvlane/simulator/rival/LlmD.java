package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import java.util.SplittableRandom;

/**
 * llm-d-router 0.10 with the approximate prefix index and token load.
 *
 * <ol>
 *   <li>Index: block hashes of what the router sent to each endpoint, an LRU of the engine's cache
 *       size (31,250 blocks of 64 tokens if that is unknown); at most 131,072 tokens of a prompt
 *       are matched. Here blocks are the engine's.
 *   <li>Sticky are the endpoints that match at least 0.80 of the prompt's blocks; if none does, all
 *       are.
 *   <li>Gate: the estimated TTFT is tokens in flight / prefill rate. If the best sticky endpoint is
 *       worse than the best other by more than 18,000 ms, all are eligible again. The published
 *       rate of 15,928 tokens/s is to be calibrated: here it is the engine's.
 *   <li>Among the rest the maximum of 1 - min(1, (tokens in flight + u) / 4,194,304); equals at
 *       random.
 * </ol>
 *
 * <p>Tokens in flight are the router's own: u is added at dispatch and dropped at the first chunk.
 */
final class LlmD extends LocalPolicy {
  private static final int MAX_MATCHED_TOKENS = 131_072;
  private static final double STICKY_SHARE = 0.80;
  private static final double MAX_DETOUR_MS = 18_000;
  private static final double FULL_LOAD_TOKENS = 4_194_304;

  private final InFlight inFlight;
  private final RoutedPrefixes index;
  private final SplittableRandom random;

  LlmD(FleetSpec spec, long seed) {
    inFlight = new InFlight(spec);
    index =
        new RoutedPrefixes(
            spec.replicas(), spec.engine().cacheTokens(), spec.engine().blockTokens());
    random = new SplittableRandom(seed);
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int most = Math.max(1, MAX_MATCHED_TOKENS / view.spec().engine().blockTokens());
    int total = Math.min(most, request.promptBlocks());
    int[] runs = new int[candidates.length];
    boolean[] eligible = new boolean[candidates.length];
    long leastSticky = Long.MAX_VALUE;
    long leastOther = Long.MAX_VALUE;
    for (int i = 0; i < candidates.length; i++) {
      runs[i] = Math.min(most, index.run(candidates[i], request));
      eligible[i] = total > 0 && runs[i] >= STICKY_SHARE * total;
      long tokens = inFlight.waitingTokens(candidates[i]);
      if (eligible[i]) {
        leastSticky = Math.min(leastSticky, tokens);
      } else {
        leastOther = Math.min(leastOther, tokens);
      }
    }
    boolean sticky = leastSticky < Long.MAX_VALUE;
    double detourMs = (leastSticky - leastOther) * view.spec().engine().msPerToken();
    boolean all = !sticky || (leastOther < Long.MAX_VALUE && detourMs > MAX_DETOUR_MS);
    int best = 0;
    int equals = 0;
    double highest = -1;
    for (int i = 0; i < candidates.length; i++) {
      if (all || eligible[i]) {
        int uncached = request.promptTokens() - Candidates.cachedTokens(runs[i], request, view);
        double load = inFlight.waitingTokens(candidates[i]) + uncached;
        double score = 1 - Math.min(1, load / FULL_LOAD_TOKENS);
        if (score > highest) {
          highest = score;
          best = i;
          equals = 1;
        } else if (score == highest && random.nextInt(++equals) == 0) {
          best = i;
        }
      }
    }
    int cached = Candidates.cachedTokens(runs[best], request, view);
    index.insert(candidates[best], request);
    inFlight.dispatched(request, candidates[best], request.promptTokens() - cached);
    return new Choice.Replica(candidates[best], cached);
  }

  @Override
  public void firstToken(Request request, int replica, double elapsedMs, RouterView view) {
    inFlight.firstToken(request);
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    inFlight.ended(request);
  }
}
