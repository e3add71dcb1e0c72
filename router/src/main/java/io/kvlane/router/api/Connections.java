package io.kvlane.router.api;

import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The client connections of one event loop. Closes those beyond the limit, and those that do not
 * get a request's headers across in time.
 */
final class Connections {
  private static final class Use {
    private int requests;
    private long idleSince;
  }

  private final AtomicInteger open;
  private final int max;
  private final long idleNanos;
  private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();

  Connections(AtomicInteger open, int max, long idleNanos) {
    this.open = open;
    this.max = max;
    this.idleNanos = idleNanos;
  }

  void opened(HttpConnection connection, long now) {
    if (open.incrementAndGet() > max) {
      open.decrementAndGet();
      connection.close();
      return;
    }
    var use = new Use();
    use.idleSince = now;
    uses.put(connection, use);
    connection.closeHandler(
        closed -> {
          uses.remove(connection);
          open.decrementAndGet();
        });
  }

  void requestBegan(HttpConnection connection) {
    Use use = uses.get(connection);
    if (use != null) {
      use.requests++;
    }
  }

  void requestEnded(HttpConnection connection, long now) {
    Use use = uses.get(connection);
    if (use != null) {
      use.requests--;
      use.idleSince = now;
    }
  }

  /** Closes connections that were without a request for too long. */
  void sweep(long now) {
    var idle = new ArrayList<HttpConnection>();
    uses.forEach(
        (connection, use) -> {
          if (use.requests == 0 && now - use.idleSince > idleNanos) {
            idle.add(connection);
          }
        });
    idle.forEach(HttpConnection::close);
  }
}
