package io.kvlane.router.region;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.util.HashMap;
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
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(new PoolOptions().setHttp2MaxSize(CONNECTIONS))
        .withConnectHandler(
            connection -> {
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
   * Makes new connections to a router from now on: on those that there are, answers do not come.
   * Any thread.
   *
   * @param patience how long what is under way on them may still end, in seconds
   */
  void renew(Peer peer, long patience) {
    run(
        () -> {
          HttpClient client = clients.remove(peer);
          if (client == null) {
            return;
          }
          if (patience == 0) {
            client.close();
          } else {
            // Not shutdown(patience): that waits for a timer which ends with the event loop's
            // verticle, so that a router that stops meanwhile would wait for the network for ever.
            vertx.setTimer(TimeUnit.SECONDS.toMillis(patience), late -> client.close());
          }
        });
  }

  /** The router is no longer one of the region's. Any thread. */
  void forget(Peer peer) {
    renew(peer, 0);
  }
}
