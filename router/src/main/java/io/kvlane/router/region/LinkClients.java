package io.kvlane.router.region;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop's connections to the other regions: HTTP/2 with mutual TLS, a client for each
 * router, which believes its region's certificates only.
 */
public final class LinkClients {
  private static final Logger log = LoggerFactory.getLogger(LinkClients.class);
  private static final int CONNECT_MILLIS = 1_000;
  private static final int CONNECTIONS = 2;

  private final Vertx vertx;
  private final LinkIdentity identity;
  private final Context context;
  private final Map<Peer, HttpClient> clients = new HashMap<>();
  private final Map<Peer, Set<HttpConnection>> connections = new HashMap<>();

  /** To be made on the event loop that uses it. */
  LinkClients(Vertx vertx, LinkIdentity identity) {
    this.vertx = vertx;
    this.identity = identity;
    context = vertx.getOrCreateContext();
  }

  /** The client for a router. */
  HttpClient client(Peer peer) {
    return clients.computeIfAbsent(peer, this::connect);
  }

  /** The client for a way to another region. */
  public HttpClient client(Hop hop) {
    return client(hop.peer());
  }

  private HttpClient connect(Peer peer) {
    Set<String> believed = Set.of(peer.region());
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(false)
            .setKeyCertOptions(identity.keys())
            .setTrustOptions(identity.trust(() -> believed))
            .setConnectTimeout(CONNECT_MILLIS)
            .setHttp2ConnectionWindowSize(Regions.CONNECTION_WINDOW)
            .setTcpNoDelay(true);
    options.getInitialSettings().setInitialWindowSize(Regions.STREAM_WINDOW);
    Set<HttpConnection> open = connections.computeIfAbsent(peer, key -> new HashSet<>());
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(new PoolOptions().setHttp2MaxSize(CONNECTIONS))
        .withConnectHandler(
            connection -> {
              open.add(connection);
              connection.closeHandler(closed -> open.remove(connection));
              // Its requests fail, which is told where they are asked.
              connection.exceptionHandler(e -> log.debug("A connection to {} broke", peer, e));
              if (!identity.believes(connection, believed)) {
                connection.close();
              }
            })
        .build();
  }

  /** Runs something on the event loop that uses these connections. Any thread. */
  void run(Runnable task) {
    context.runOnContext(turn -> task.run());
  }

  /**
   * Uses the connections to a router for nothing more: its answers do not come. Any thread.
   *
   * @param patience how long what is under way may still end, in seconds
   */
  void cut(Peer peer, long patience) {
    run(
        () -> {
          List<HttpConnection> open = new ArrayList<>(connections.getOrDefault(peer, Set.of()));
          open.forEach(connection -> connection.shutdown(patience, TimeUnit.SECONDS));
        });
  }

  /** The router is no longer one of the region's. Any thread. */
  void forget(Peer peer) {
    run(
        () -> {
          HttpClient client = clients.remove(peer);
          connections.remove(peer);
          if (client != null) {
            client.close();
          }
        });
  }
}
