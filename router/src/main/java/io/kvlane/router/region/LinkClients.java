package io.kvlane.router.region;

import io.kvlane.router.config.RouterConfig;
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

  private final Context context;
  private final Map<String, HttpClient> clients = new HashMap<>();
  private final Map<String, Set<HttpConnection>> connections = new HashMap<>();

  /** To be made on the event loop that uses it. */
  LinkClients(Vertx vertx, RouterConfig.Link link, LinkIdentity identity) {
    context = vertx.getOrCreateContext();
    for (RouterConfig.OtherRegion region : link.regions()) {
      Set<HttpConnection> open = new HashSet<>();
      var options =
          new HttpClientOptions()
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setSsl(true)
              .setUseAlpn(true)
              .setVerifyHost(false)
              .setKeyCertOptions(identity.keys())
              .setTrustOptions(identity.trust(Set.of(region.name())))
              .setConnectTimeout(CONNECT_MILLIS)
              .setHttp2ConnectionWindowSize(Regions.CONNECTION_WINDOW)
              .setTcpNoDelay(true);
      options.getInitialSettings().setInitialWindowSize(Regions.STREAM_WINDOW);
      connections.put(region.name(), open);
      clients.put(
          region.name(),
          vertx
              .httpClientBuilder()
              .with(options)
              .with(new PoolOptions().setHttp2MaxSize(CONNECTIONS))
              .withConnectHandler(
                  connection -> {
                    open.add(connection);
                    connection.closeHandler(closed -> open.remove(connection));
                  })
              .build());
    }
  }

  /** The client for a region that is configured. */
  public HttpClient client(String region) {
    HttpClient client = clients.get(region);
    if (client == null) {
      throw new IllegalArgumentException("region: " + region);
    }
    return client;
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
