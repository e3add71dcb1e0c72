package io.kvlane.simulator.fleet;

/** What routers can ask of the simulation. */
interface World {
  FleetSpec spec();

  long now();

  int[] replicas(int region);

  int regionOf(int replica);

  /** Whether the replica's process is dead. */
  boolean crashed(int replica);

  /** Whether one region believes that it can reach another. */
  boolean reachable(int from, int to);

  /** Whether one region takes another's digest for fresh. */
  boolean digestUsable(int from, int to);

  int gaugeWaiting(int replica);

  int gaugeRunning(int replica);

  double gaugeUsage(int replica);

  /** The region's own view of its caches. */
  CacheView cache(int region);

  /** Other regions' view of its caches. */
  CacheView digest(int region);

  /** How busy a region last said it was. */
  DigestLoad digestLoad(int region);

  /** Means over a region's replicas, the least, and the share of replicas with prefill to do. */
  record DigestLoad(double waitingTokens, double requests, double leastWaitingTokens, double busy) {
    static final DigestLoad NONE = new DigestLoad(0, 0, 0, 0);
  }
}
