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

/**
 * One event loop's connections to the other regions: HTTP/2 with mutual TLS, a client for each
 * region since each believes one region's certificates only.
 */
public final class LinkClients {
  private static final int CONNECT_MILLIS = 1_000;
  private static final int CONNECTIONS = 2;

  private final Vertx vertx;
  private final LinkIdentity identity;
  private final Context context;
  private final Map<String, HttpClient> clients = new HashMap<>();
  private final Map<String, Set<HttpConnection>> connections = new HashMap<>();

  /** To be made on the event loop that uses it. */
  LinkClients(Vertx vertx, LinkIdentity identity) {
    this.vertx = vertx;
    this.identity = identity;
    context = vertx.getOrCreateContext();
  }

  /** The client for a region. */
  public HttpClient client(String region) {
    return clients.computeIfAbsent(region, this::connect);
  }

  private HttpClient connect(String region) {
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(false)
            .setKeyCertOptions(identity.keys())
            .setTrustOptions(identity.trust(() -> Set.of(region)))
            .setConnectTimeout(CONNECT_MILLIS)
            .setHttp2ConnectionWindowSize(Regions.CONNECTION_WINDOW)
            .setTcpNoDelay(true);
    options.getInitialSettings().setInitialWindowSize(Regions.STREAM_WINDOW);
    Set<HttpConnection> open = connections.computeIfAbsent(region, name -> new HashSet<>());
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(new PoolOptions().setHttp2MaxSize(CONNECTIONS))
        .withConnectHandler(
            connection -> {
              open.add(connection);
              connection.closeHandler(closed -> open.remove(connection));
            })
        .build();
  }

  /** Runs something on the event loop that uses these connections. Any thread. */
  void run(Runnable task) {
    context.runOnContext(turn -> task.run());
  }

  /** Ends what is under way to a region: its answers will not come. Any thread. */
  void cut(String region) {
    run(
        () -> {
          List<HttpConnection> open = new ArrayList<>(connections.getOrDefault(region, Set.of()));
          open.forEach(HttpConnection::close);
        });
  }
}
