package io.kvlane.router.upstream;

import io.kvlane.router.region.LinkClients;
import io.kvlane.router.routing.Route;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs exchanges with engines for one event loop. Used on that loop only. */
public final class Relay {
  private static final int MAX_CONNECTIONS = 16_384;

  private final HttpClient client;

  /** Never takes a connection that was used before. */
  final HttpClient fresh;

  private final @Nullable LinkClients link;
  final RelayOptions options;
  final AttemptObserver observer;
  final LongSupplier nanos;

  /** Pooled connections that have not carried a request yet. */
  private final Set<HttpConnection> unused = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * @param vertx on whose current context everything runs
   * @param limits of the connections to engines
   * @param link the connections to other regions, null if there are none
   * @param nanos a monotonic clock in nanoseconds
   */
  public Relay(
      Vertx vertx,
      HttpClientOptions limits,
      @Nullable LinkClients link,
      RelayOptions options,
      AttemptObserver observer,
      LongSupplier nanos) {
    this.client =
        vertx
            .httpClientBuilder()
            .with(limits)
            .with(pool())
            .withConnectHandler(this::connected)
            .build();
    this.fresh = vertx.createHttpClient(new HttpClientOptions(limits).setKeepAlive(false), pool());
    this.link = link;
    this.options = options;
    this.observer = observer;
    this.nanos = nanos;
  }

  private static PoolOptions pool() {
    return new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setCleanerPeriod(500);
  }

  private void connected(HttpConnection connection) {
    unused.add(connection);
    connection.closeHandler(closed -> unused.remove(connection));
  }

  /** The client that reaches whom the attempt is for. */
  HttpClient client(Route.Attempt attempt) {
    LinkClients regions = link;
    return regions == null ? client : attempt.hop().map(regions::client).orElse(client);
  }

  /** Whether the connection is new; asked once for each request. */
  boolean isFirstUse(@Nullable HttpConnection connection) {
    return unused.remove(connection);
  }

  /** Prepares an exchange; {@link Exchange#begin} sends it. */
  public Exchange exchange(EngineRequest request, Route route, Answer answer) {
    return new Exchange(this, request, route, answer);
  }
}
