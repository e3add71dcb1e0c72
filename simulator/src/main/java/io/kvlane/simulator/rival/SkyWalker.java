package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * SkyWalker [1]: each region's balancer holds requests in a FCFS queue until somebody is available.
 *
 * <ul>
 *   <li>A local replica is available if its engine has no pending request, as last probed (every
 *       100 ms: {@code lag.gaugeMs}).
 *   <li>A remote region is available if it has an available replica and a queue of at most τ. τ is
 *       not published and other queues are not seen here; but a queue is served while a replica is
 *       available, so where there is one the queue is empty.
 *   <li>At the queue's head: the choice among the available locals; without any, among the
 *       available remotes, which must serve it themselves (one hop); without any, wait.
 * </ul>
 *
 * <p>The choice is by trie or by ring, see {@link #trie} and {@link #hash}. The paper says nothing
 * about requests sent since the last probe, and the authors' code does not count them: until the
 * next one, an available replica takes whatever is chosen for it. So here.
 *
 * <p>[1] T. Xia et al., arXiv 2505.24095v2, EuroSys 2026; code: skypilot-org/skypilot.
 */
final class SkyWalker implements RoutingPolicy {
  /** Of a balancer's tree, per target, in the authors' code: 2^24 characters, four a token. */
  private static final long MAX_TREE_TOKENS = (1 << 24) / 4;

  private final Targets locals;
  private final Targets remotes;
  private final InFlight inFlight;

  /** How to choose a target. */
  private interface Targets {
    /** The index into {@code available}, which is ascending and not empty. */
    int pick(Request request, int[] available, double[] loads, RouterView view);

    /** The request goes there. */
    default void sent(Request request, int target) {}

    /** Leading blocks of the prompt known at the target. */
    default int run(Request request, int target) {
      return 0;
    }
  }

  private SkyWalker(FleetSpec spec, Targets locals, Targets remotes) {
    this.locals = locals;
    this.remotes = remotes;
    inFlight = new InFlight(spec);
  }

  /**
   * SkyWalker proper: longest match in a trie whose nodes hold the targets that got a request
   * through them; the walk stops at the first node without an available target. Of several there,
   * the least loaded; below half of the prompt, the least loaded of all available. Load: own
   * requests in flight at a replica, the round trip to a region. The trie of regions holds only
   * what this balancer forwarded.
   */
  static RoutingPolicy trie(FleetSpec spec) {
    int blockTokens = spec.engine().blockTokens();
    return new SkyWalker(
        spec,
        new Trie(new RoutedPrefixes(spec.replicas(), MAX_TREE_TOKENS, blockTokens)),
        new Trie(new RoutedPrefixes(spec.regions().size(), MAX_TREE_TOKENS, blockTokens)));
  }

  /** SkyWalker-CH: the next available virtual node from the session's hash. */
  static RoutingPolicy hash(FleetSpec spec, int region) {
    int[] others = IntStream.range(0, spec.regions().size()).filter(r -> r != region).toArray();
    return new SkyWalker(
        spec, new Hash(new Ring(Candidates.of(spec, region))), new Hash(new Ring(others)));
  }

  @Override
  public Choice route(Request request, boolean forwarded, RouterView view) {
    int[] available = availableReplicas(view.region(), view);
    if (available.length > 0) {
      double[] loads = Arrays.stream(available).mapToDouble(inFlight::requests).toArray();
      int replica = available[locals.pick(request, available, loads, view)];
      int cached = Candidates.cachedTokens(locals.run(request, replica), request, view);
      locals.sent(request, replica);
      inFlight.dispatched(request, replica, request.promptTokens() - cached);
      return new Choice.Replica(replica, cached);
    }
    int[] regions = forwarded ? new int[0] : availableRegions(view);
    if (regions.length > 0) {
      double[] loads = Arrays.stream(regions).mapToDouble(view::roundTripMs).toArray();
      int region = regions[remotes.pick(request, regions, loads, view)];
      remotes.sent(request, region);
      return new Choice.Region(region);
    }
    // With the region's engines gone, nobody here would ever become available.
    return Candidates.healthy(view).length == 0
        ? Candidates.elsewhere(forwarded, view)
        : new Choice.Wait();
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    inFlight.ended(request);
  }

  private static int[] availableReplicas(int region, RouterView view) {
    return Arrays.stream(view.replicas(region))
        .filter(replica -> view.healthy(replica) && view.gaugeWaiting(replica) == 0)
        .toArray();
  }

  private static int[] availableRegions(RouterView view) {
    return IntStream.range(0, view.spec().regions().size())
        .filter(
            region ->
                region != view.region()
                    && view.reachable(region)
                    && availableReplicas(region, view).length > 0)
        .toArray();
  }

  private record Trie(RoutedPrefixes prefixes) implements Targets {
    private static final double LOW_HIT_RATIO = 0.5;

    @Override
    public int pick(Request request, int[] available, double[] loads, RouterView view) {
      int[] runs = new int[available.length];
      int least = 0;
      int matching = 0;
      for (int i = 0; i < available.length; i++) {
        runs[i] = run(request, available[i]);
        if (loads[i] < loads[least]) {
          least = i;
        }
        if (runs[i] > runs[matching] || (runs[i] == runs[matching] && loads[i] < loads[matching])) {
          matching = i;
        }
      }
      double hit =
          (double) runs[matching] * view.spec().engine().blockTokens() / request.promptTokens();
      return hit < LOW_HIT_RATIO ? least : matching;
    }

    @Override
    public void sent(Request request, int target) {
      prefixes.insert(target, request);
    }

    @Override
    public int run(Request request, int target) {
      return prefixes.run(target, request);
    }
  }

  private record Hash(Ring ring) implements Targets {
    @Override
    public int pick(Request request, int[] available, double[] loads, RouterView view) {
      int target = ring.next(request.session(), node -> Arrays.binarySearch(available, node) >= 0);
      return Arrays.binarySearch(available, target);
    }
  }
}
