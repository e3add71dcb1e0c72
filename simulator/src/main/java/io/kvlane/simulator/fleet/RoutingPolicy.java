package io.kvlane.simulator.fleet;

/**
 * A routing policy inside one router. One instance a router, so what it remembers is what that
 * router has seen. Not thread-safe.
 */
public interface RoutingPolicy {

  /** What a policy says about a request. */
  sealed interface Choice {
    /**
     * To a replica, of this region or of another.
     *
     * @param cachedTokens the cached run that the policy counts on
     */
    record Replica(int replica, int cachedTokens) implements Choice {}

    /** To the routers of another region, which choose the replica. */
    record Region(int region) implements Choice {}

    /**
     * Keep it and ask again, in the order of arrival, when something has changed. The router asks
     * for its oldest request only, and for those behind it once that one is on its way.
     */
    record Wait() implements Choice {}

    /** The client gets an error, and is told when to try again. */
    record Refuse() implements Choice {}
  }

  /**
   * Routes a request.
   *
   * @param forwarded whether another region sent it; it must then stay in this one
   */
  Choice route(Request request, boolean forwarded, RouterView view);

  /** How many requests the router keeps for this policy, and for how long. */
  default Line line() {
    return Line.UNBOUNDED;
  }

  /**
   * Requests that wait in a router.
   *
   * @param length how many may; the next one is refused
   * @param longestMs after which one that waits is refused
   */
  record Line(int length, double longestMs) {
    /** For all, and for ever. */
    public static final Line UNBOUNDED = new Line(Integer.MAX_VALUE, Double.POSITIVE_INFINITY);
  }

  /** The first token came {@code elapsedMs} after dispatch. */
  default void firstToken(Request request, int replica, double elapsedMs, RouterView view) {}

  /** The answer is complete, or will never be. */
  default void ended(Request request, int replica, RouterView view) {}

  /** A replica of the own region is known to have evicted these blocks. */
  default void evicted(int replica, long[] blocks, RouterView view) {}

  /** A replica of the own region is known to have lost all its blocks. */
  default void cleared(int replica, RouterView view) {}

  /** Makes the policy of each router. */
  interface Factory {
    /**
     * Makes one.
     *
     * @param router number of the router, from 0 over all regions
     * @param seed for whatever the policy wants random
     */
    RoutingPolicy create(FleetSpec spec, int region, int router, long seed);
  }
}
