package io.kvlane.simulator.fleet;

import io.kvlane.simulator.engine.VirtualEngine;

/** A request on its way to, or in, a replica. */
final class Attempt implements VirtualEngine.Job {
  final Request request;
  final Router router;
  final int replica;
  final int cachedTokens;
  final long dispatchedAt;

  /** One way back from the replica to the client. */
  final long wayBackNanos;

  /** The engine has sent the first token. */
  boolean answered;

  /** The router has seen the first token. */
  boolean counted;

  boolean over;

  Attempt(
      Request request,
      Router router,
      int replica,
      int cachedTokens,
      long dispatchedAt,
      long wayBackNanos) {
    this.request = request;
    this.router = router;
    this.replica = replica;
    this.cachedTokens = cachedTokens;
    this.dispatchedAt = dispatchedAt;
    this.wayBackNanos = wayBackNanos;
  }

  int uncachedTokens() {
    return request.promptTokens() - cachedTokens;
  }

  @Override
  public long[] blocks() {
    return request.blocks();
  }

  @Override
  public int promptBlocks() {
    return request.promptBlocks();
  }

  @Override
  public int promptTokens() {
    return request.promptTokens();
  }

  @Override
  public int outputTokens() {
    return request.outputTokens();
  }
}
