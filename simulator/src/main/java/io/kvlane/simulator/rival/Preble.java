package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * E2 of Preble [1], constants from its code. m = tokens of the longest cached run, u = n - m.
 *
 * <ul>
 *   <li><b>Exploit</b>, m &gt; u: the least loaded of the replicas with the longest match.
 *   <li><b>Explore</b>, else: argmin L + M + P. L = load of the last 3 minutes: prefill time of the
 *       tokens missed, plus mean output length x time per output token for each request. M =
 *       prefill time of what would be evicted x its hit rate, the share of the replica's recent
 *       requests that used it. P = prefill time of u.
 *   <li><b>Rebalance</b>: if the heaviest replica has more than 1.5 times the load of the lightest,
 *       its subtrees move. Here a request that would exploit the heaviest goes to the lightest,
 *       which from then on has the longer match for what follows it. As in the code, not before 50
 *       requests and not if the lightest would become the heavier of the two.
 * </ul>
 *
 * <p>Caches are what this router sent there, LRUs of the engine's size. Preble fits prefill time to
 * its GPUs (0.108 ms per token + 4.2 ms on an A6000); here it is the simulated engine's. Output
 * length and time per output token are means over about the last 200 answers; before the first, 45
 * tokens at 150 ms.
 *
 * <p>[1] V. Srivatsa et al., arXiv 2407.00023, ICLR 2025.
 */
final class Preble extends LocalPolicy {
  private static final double WINDOW_MS = 180_000;
  private static final double IMBALANCE = 1.5;
  private static final int REBALANCE_AFTER = 50;
  private static final double FIRST_OUTPUT_TOKENS = 45;
  private static final double FIRST_MS_PER_OUTPUT_TOKEN = 150;

  private final RoutedPrefixes prefixes;
  private final double msPerToken;
  private final int blockTokens;

  private final Deque<Routed> window = new ArrayDeque<>();
  private final double[] prefillMs;
  private final int[] routed;
  private long total;

  private final Mean outputTokens = new Mean(FIRST_OUTPUT_TOKENS);
  private final Mean[] msPerOutputToken;
  private final Map<Integer, Double> firstTokenAt = new HashMap<>();

  private record Routed(double atMs, Request request, int replica, double prefillMs) {}

  /** A mean in which the past fades after about 200 values. */
  private static final class Mean {
    private static final int MEMORY = 200;
    private double value;
    private int count;

    Mean(double start) {
      value = start;
    }

    void add(double next) {
      count = Math.min(count + 1, MEMORY);
      value += (next - value) / count;
    }
  }

  Preble(FleetSpec spec) {
    blockTokens = spec.engine().blockTokens();
    msPerToken = spec.engine().msPerToken();
    prefixes = new RoutedPrefixes(spec.replicas(), spec.engine().cacheTokens(), blockTokens);
    prefillMs = new double[spec.replicas()];
    routed = new int[spec.replicas()];
    msPerOutputToken = new Mean[spec.replicas()];
    Arrays.setAll(msPerOutputToken, i -> new Mean(FIRST_MS_PER_OUTPUT_TOKEN));
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    expire(view.nowMs());
    int[] cached = new int[candidates.length];
    int longest = 0;
    for (int i = 0; i < candidates.length; i++) {
      int run = prefixes.run(candidates[i], request);
      cached[i] = Candidates.cachedTokens(run, request, view);
      longest = Math.max(longest, cached[i]);
    }
    int chosen =
        longest > request.promptTokens() - longest
            ? rebalance(exploit(candidates, cached, longest), request, candidates, cached)
            : explore(request, candidates, cached);
    note(request, candidates[chosen], uncached(request, cached[chosen]) * msPerToken, view);
    return new Choice.Replica(candidates[chosen], cached[chosen]);
  }

  private int exploit(int[] candidates, int[] cached, int longest) {
    int best = -1;
    for (int i = 0; i < candidates.length; i++) {
      if (cached[i] == longest && (best < 0 || load(candidates[i]) < load(candidates[best]))) {
        best = i;
      }
    }
    return best;
  }

  private int explore(Request request, int[] candidates, int[] cached) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < candidates.length; i++) {
      double cost =
          load(candidates[i])
              + evictionMs(candidates[i], uncached(request, cached[i]))
              + uncached(request, cached[i]) * msPerToken;
      if (cost < least) {
        least = cost;
        best = i;
      }
    }
    return best;
  }

  private int rebalance(int chosen, Request request, int[] candidates, int[] cached) {
    int lightest = chosen;
    int heaviest = chosen;
    for (int i = 0; i < candidates.length; i++) {
      if (load(candidates[i]) < load(candidates[lightest])) {
        lightest = i;
      }
      if (load(candidates[i]) > load(candidates[heaviest])) {
        heaviest = i;
      }
    }
    double light = load(candidates[lightest]);
    double heavy = load(candidates[heaviest]);
    double added =
        uncached(request, cached[lightest]) * msPerToken + decodeMs(candidates[lightest]);
    boolean moves =
        total >= REBALANCE_AFTER
            && heaviest == chosen
            && heavy > IMBALANCE * light
            && light + added < heavy;
    return moves ? lightest : chosen;
  }

  /** L. */
  private double load(int replica) {
    return prefillMs[replica] + routed[replica] * decodeMs(replica);
  }

  private double decodeMs(int replica) {
    return outputTokens.value * msPerOutputToken[replica].value;
  }

  /** M. */
  private double evictionMs(int replica, int uncachedTokens) {
    if (routed[replica] == 0) {
      return 0;
    }
    long uses = prefixes.usesGivingWay(replica, Math.ceilDiv(uncachedTokens, blockTokens));
    return msPerToken * blockTokens * uses / routed[replica];
  }

  private static int uncached(Request request, int cachedTokens) {
    return request.promptTokens() - cachedTokens;
  }

  private void note(Request request, int replica, double ms, RouterView view) {
    prefixes.insert(replica, request);
    window.add(new Routed(view.nowMs(), request, replica, ms));
    prefillMs[replica] += ms;
    routed[replica]++;
    total++;
  }

  private void expire(double nowMs) {
    while (!window.isEmpty() && window.peek().atMs < nowMs - WINDOW_MS) {
      Routed old = window.remove();
      prefixes.forget(old.replica, old.request);
      routed[old.replica]--;
      // Exactly 0 when nothing is left, whatever rounding has added up.
      prefillMs[old.replica] =
          routed[old.replica] == 0 ? 0 : prefillMs[old.replica] - old.prefillMs;
    }
  }

  @Override
  public void firstToken(Request request, int replica, double elapsedMs, RouterView view) {
    firstTokenAt.put(request.number(), view.nowMs());
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    Double first = firstTokenAt.remove(request.number());
    if (first != null) {
      outputTokens.add(request.outputTokens());
      if (request.outputTokens() > 1) {
        msPerOutputToken[replica].add((view.nowMs() - first) / (request.outputTokens() - 1));
      }
    }
  }
}
