package io.kvlane.simulator.fleet;

/**
 * What one router sees: its own counts as they are, everything else as late as in reality. Replicas
 * are numbered over all regions, region by region.
 */
public interface RouterView {
  FleetSpec spec();

  /** The router's own region. */
  int region();

  double nowMs();

  /** The replicas of a region. */
  int[] replicas(int region);

  int regionOf(int replica);

  /** Whether a replica is believed to be there. */
  boolean healthy(int replica);

  /** Whether a region is believed to be there and reachable. */
  boolean reachable(int region);

  /** Round trip to a replica's region, or inside the own one. */
  double roundTripMs(int region);

  /** Requests dispatched to a replica and not ended: own ones, and what others last said. */
  int requests(int replica);

  /** Of those, without a first token. */
  int unanswered(int replica);

  /** Prompt tokens of those without a first token, less what was believed to be cached. */
  long waitingTokens(int replica);

  /** Prompt tokens of all requests in flight. */
  long promptTokens(int replica);

  /** The engine's own gauge of requests not in its batch, as last read. */
  int gaugeWaiting(int replica);

  /** The engine's own gauge of requests in its batch, as last read. */
  int gaugeRunning(int replica);

  /** The engine's own gauge of the share of its cache that its batch uses, as last read. */
  double gaugeUsage(int replica);

  /**
   * Requests that this router had in flight, at its region's replicas, when it last told the others
   * of the region, and at the times before; the last first.
   */
  int[] told();

  /** When the routers of the region last told each other what they have in flight. */
  double toldMs();

  /**
   * Cached run of the request's prompt in blocks for each replica of the own region, by replica; 0
   * for all others. By cache events. Valid until the next call.
   */
  int[] runs(Request request);

  /** By digest: the longest cached run, in blocks, on any replica of another region. */
  int digestRun(Request request, int region);

  /** By digest: waiting prefill tokens per replica of another region, on average. */
  double digestWaitingTokens(int region);

  /** By digest: requests in flight per replica of another region, on average. */
  double digestRequests(int region);

  /** By digest: the fewest waiting prefill tokens on any replica of another region. */
  double digestLeastWaitingTokens(int region);

  /** By digest: the share of another region's replicas that had prefill to do. */
  double digestBusy(int region);
}
