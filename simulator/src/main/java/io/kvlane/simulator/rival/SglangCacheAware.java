package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;

/**
 * {@code cache_aware} of sglang-router 0.3.2, from its source. Load = the router's own requests in
 * flight.
 *
 * <ol>
 *   <li>If max - min load &gt; 64 and max &gt; 1.5 min: the least loaded, whatever is cached.
 *   <li>Else, if the longest known prefix is more than 0.3 of the prompt: its owner.
 *   <li>Else the least loaded; of equals the first.
 * </ol>
 *
 * <p>Every request is inserted into the tree, which keeps the most recent 67,108,864 characters per
 * worker. Here a token is four characters, the tree knows whole blocks, and what is too much goes
 * at once and not every 60 s. Of several owners the router takes an arbitrary one, here the first.
 */
final class SglangCacheAware extends LocalPolicy {
  private static final int BALANCE_ABS = 64;
  private static final double BALANCE_REL = 1.5;
  private static final double CACHE_THRESHOLD = 0.3;
  private static final long MAX_TREE_CHARS = 67_108_864;
  private static final int CHARS_PER_TOKEN = 4;

  private final InFlight inFlight;
  private final RoutedPrefixes tree;

  SglangCacheAware(FleetSpec spec) {
    inFlight = new InFlight(spec);
    tree =
        new RoutedPrefixes(
            spec.replicas(), MAX_TREE_CHARS / CHARS_PER_TOKEN, spec.engine().blockTokens());
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    int least = candidates[0];
    int most = candidates[0];
    int owner = candidates[0];
    int longest = 0;
    for (int replica : candidates) {
      if (inFlight.requests(replica) < inFlight.requests(least)) {
        least = replica;
      }
      if (inFlight.requests(replica) > inFlight.requests(most)) {
        most = replica;
      }
      int run = tree.run(replica, request);
      if (run > longest) {
        longest = run;
        owner = replica;
      }
    }
    int min = inFlight.requests(least);
    int max = inFlight.requests(most);
    boolean imbalanced = max - min > BALANCE_ABS && max > BALANCE_REL * min;
    double matched = (double) longest * view.spec().engine().blockTokens() / request.promptTokens();
    int chosen = !imbalanced && matched > CACHE_THRESHOLD ? owner : least;
    int cached = Candidates.cachedTokens(tree.run(chosen, request), request, view);
    tree.insert(chosen, request);
    inFlight.dispatched(request, chosen, request.promptTokens() - cached);
    return new Choice.Replica(chosen, cached);
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    inFlight.ended(request);
  }
}
