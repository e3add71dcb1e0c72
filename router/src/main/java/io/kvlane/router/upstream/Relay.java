package io.kvlane.router.upstream;

import io.kvlane.router.routing.Route;
import io.vertx.core.http.HttpClient;
import java.util.function.LongSupplier;

/** Runs exchanges with engines for one event loop. Used on that loop only. */
public final class Relay {
  final HttpClient client;
  final RelayOptions options;
  final AttemptObserver observer;
  final LongSupplier nanos;

  /**
   * @param client a client of this event loop, without a limit for waiting requests
   * @param nanos a monotonic clock in nanoseconds
   */
  public Relay(
      HttpClient client, RelayOptions options, AttemptObserver observer, LongSupplier nanos) {
    this.client = client;
    this.options = options;
    this.observer = observer;
    this.nanos = nanos;
  }

  /** Prepares an exchange; {@link Exchange#begin} sends it. */
  public Exchange exchange(EngineRequest request, Route route, Answer answer) {
    return new Exchange(this, request, route, answer);
  }
}
