package io.kvlane.router.routing;

import io.kvlane.locality.admission.SharedLimit;
import io.kvlane.locality.decision.PrefillRate;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.log.ReplicaState;
import java.net.URI;

/** One replica as this router knows it. Safe for any thread. */
final class Replica {
  private final String id;
  private final int slot;
  private final String host;
  private final int port;
  private final PrefillRate rate = new PrefillRate();
  private final CacheScale scale = new CacheScale();
  private final Breaker breaker;
  private final ReplicaLoad load = new ReplicaLoad();
  private volatile ReplicaState state;
  private volatile int[] told = new int[SharedLimit.REPORTS];

  Replica(ReplicaState state, int slot, Breaker breaker) {
    URI url = URI.create(state.url());
    this.id = state.id();
    this.slot = slot;
    this.host = url.getHost();
    this.port = url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
    this.breaker = breaker;
    this.state = state;
  }

  String id() {
    return id;
  }

  /** The replica's number in the indexes. */
  int slot() {
    return slot;
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  PrefillRate rate() {
    return rate;
  }

  CacheScale scale() {
    return scale;
  }

  Breaker breaker() {
    return breaker;
  }

  ReplicaState state() {
    return state;
  }

  void state(ReplicaState now) {
    if (now.healthy() && (!state.healthy() || now.epoch() > state.epoch())) {
      breaker.retry();
    }
    state = now;
  }

  boolean serves(String model) {
    return state.models().contains(model);
  }

  boolean healthy() {
    return state.healthy() && !state.models().isEmpty() && breaker.admits();
  }

  /** This router tells the others what it has in flight there. One thread. */
  void told(int requests) {
    int[] next = new int[SharedLimit.REPORTS];
    System.arraycopy(told, 0, next, 1, next.length - 1);
    next[0] = requests;
    told = next;
  }

  /** What it told lately, the last first. */
  int[] told() {
    return told.clone();
  }

  /** What is in flight there. */
  ReplicaLoad load() {
    return load;
  }

  /**
   * Share of its memory that requests in flight take, or will when they have been prefilled.
   *
   * @param waitingTokens of prompts, which it has yet to prefill
   */
  double inUse(long waitingTokens) {
    ReplicaState now = state;
    return now.kvUsage() + (now.cacheTokens() > 0 ? (double) waitingTokens / now.cacheTokens() : 0);
  }

  /**
   * The replica at this moment.
   *
   * @param choosable whether it may be chosen while others can
   * @param evictionLoss chance that what it evicts is asked for again
   * @param msPerToken prefill time to assume
   */
  ReplicaView view(boolean choosable, double evictionLoss, double msPerToken, long nowNanos) {
    return load.view(id, slot, choosable, evictionLoss, msPerToken, 0, nowNanos);
  }

  @Override
  public String toString() {
    return id + '@' + host + ':' + port;
  }
}
