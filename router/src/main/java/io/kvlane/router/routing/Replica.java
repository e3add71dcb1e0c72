package io.kvlane.router.routing;

import io.kvlane.locality.decision.PrefillRate;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.log.ReplicaState;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** One replica as this router knows it. Safe for any thread. */
final class Replica {
  private final String id;
  private final int slot;
  private final String host;
  private final int port;
  private final PrefillRate rate = new PrefillRate();
  private final CacheScale scale = new CacheScale();
  private final Breaker breaker;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong waitingTokens = new AtomicLong();
  private volatile ReplicaState state;
  private volatile int othersRequests;
  private volatile long othersWaitingTokens;

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
    state = now;
  }

  boolean serves(String model) {
    return state.models().contains(model);
  }

  boolean healthy() {
    return state.healthy() && breaker.admits();
  }

  /** A request with so many uncached tokens goes out. */
  void dispatched(long uncachedTokens) {
    requests.incrementAndGet();
    waitingTokens.addAndGet(uncachedTokens);
  }

  /** A dispatched request's prompt is prefilled, or will never be. */
  void prefilled(long uncachedTokens) {
    waitingTokens.addAndGet(-uncachedTokens);
  }

  void ended() {
    requests.decrementAndGet();
  }

  int requests() {
    return requests.get();
  }

  /** Uncached prompt tokens that this and the other routers have waiting there. */
  long waitingTokens() {
    return waitingTokens.get() + othersWaitingTokens;
  }

  long ownWaitingTokens() {
    return waitingTokens.get();
  }

  /** What the other routers say that they have in flight there. */
  void others(int otherRequests, long otherWaitingTokens) {
    othersRequests = otherRequests;
    othersWaitingTokens = otherWaitingTokens;
  }

  /**
   * The replica as it is now.
   *
   * @param msPerToken prefill time to assume
   */
  ReplicaView view(double msPerToken) {
    return new ReplicaView(
        id,
        slot,
        healthy(),
        requests.get() + othersRequests,
        Math.max(0, waitingTokens()),
        msPerToken,
        0);
  }

  @Override
  public String toString() {
    return id + '@' + host + ':' + port;
  }
}
