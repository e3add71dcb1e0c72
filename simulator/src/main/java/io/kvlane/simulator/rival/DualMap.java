package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * DualMap [1]: two hashes of a prefix give two candidates on a ring.
 *
 * <ul>
 *   <li>The prefix adapts: one that more than 2/n of the recent requests share is extended by a
 *       block, below 1/n it is shortened again; n is the number of replicas.
 *   <li>The candidate with more cache takes the request, unless its pending prefill exceeds what it
 *       clears within the TTFT SLO, 5 s in the paper's evaluation; then the lighter one. With equal
 *       hits the lighter one as well. Lighter: fewer pending prefill tokens.
 * </ul>
 *
 * <p>The cache is what this router sent there, an LRU of the engine's size. Where the paper's
 * digest is silent: prefixes begin with one block, recent are the last 1,024 requests, and shares
 * count once there are 8 requests per replica. When both candidates are overloaded the paper moves
 * queued requests to their other candidate; here nothing that was dispatched can be called back.
 *
 * <p>[1] Y. Yuan et al., arXiv 2602.06502, ICLR 2026.
 */
final class DualMap extends LocalPolicy {
  private static final double SLO_MS = 5000;
  private static final double EXTEND_ABOVE = 2;
  private static final double SHORTEN_BELOW = 1;
  private static final int RECENT = 1024;
  private static final int EVIDENCE_PER_REPLICA = 8;

  private final Ring ring;
  private final RoutedPrefixes prefixes;
  private final Deque<Seen> recent = new ArrayDeque<>();
  private final Map<Long, Integer> counts = new HashMap<>();
  private final Set<Long> extended = new HashSet<>();

  /** Of a recent request, as many leading blocks as were counted. */
  private record Seen(Request request, int depth) {}

  DualMap(FleetSpec spec, int region) {
    ring = new Ring(Candidates.of(spec, region));
    prefixes =
        new RoutedPrefixes(
            spec.replicas(), spec.engine().cacheTokens(), spec.engine().blockTokens());
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    long key = Candidates.head(request, depth(request, candidates.length));
    int first = ring.next(~key, node -> Candidates.contains(candidates, node));
    int other = ring.next(key, node -> node != first && Candidates.contains(candidates, node));
    int second = other == Ring.NONE ? first : other;

    int lighter = view.waitingTokens(second) < view.waitingTokens(first) ? second : first;
    int firstRun = prefixes.run(first, request);
    int secondRun = prefixes.run(second, request);
    int warmer = firstRun == secondRun ? lighter : firstRun > secondRun ? first : second;
    double pendingMs = view.waitingTokens(warmer) * view.spec().engine().msPerToken();
    int chosen = pendingMs > SLO_MS ? lighter : warmer;

    int run = chosen == first ? firstRun : secondRun;
    prefixes.insert(chosen, request);
    return new Choice.Replica(chosen, Candidates.cachedTokens(run, request, view));
  }

  /** How many blocks of the prompt decide; takes note of the request. */
  private int depth(Request request, int replicas) {
    double noted = Math.max(recent.size() + 1, EVIDENCE_PER_REPLICA * replicas);
    int depth = 0;
    boolean further = true;
    while (further && depth < request.promptBlocks()) {
      long key = request.block(depth++);
      double share = counts.merge(key, 1, Integer::sum) / noted;
      if (share > EXTEND_ABOVE / replicas) {
        extended.add(key);
      } else if (share < SHORTEN_BELOW / replicas) {
        extended.remove(key);
      }
      further = extended.contains(key);
    }
    recent.add(new Seen(request, depth));
    if (recent.size() > RECENT) {
      forget(recent.remove());
    }
    return depth;
  }

  private void forget(Seen seen) {
    for (int i = 0; i < seen.depth; i++) {
      long key = seen.request.block(i);
      if (counts.merge(key, -1, Integer::sum) == 0) {
        counts.remove(key);
        extended.remove(key);
      }
    }
  }
}
