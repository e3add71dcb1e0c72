package io.kvlane.simulator.live.link;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Distance on one machine: a TCP proxy on loopback whose bytes take a while, and that fails on
 * command. A new connection's first bytes take a round trip longer, as a handshake does. Throughput
 * has no limit of its own; a sink that does not read holds up its source, at the latest after 8
 * MiB. Delays are exact to about half a millisecond. Safe for any thread.
 */
public final class DelayProxy {
  private static final String LOOPBACK = "127.0.0.1";

  private final Vertx vertx;
  private final Context context;
  private final SocketAddress target;
  private final SplittableRandom random;

  /** Bound but never listening: keeps the port while nobody listens, so that it refuses. */
  private final Socket reservation;

  private final NetClient client;
  private final Set<Relay> relays = new LinkedHashSet<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong forwardBytes = new AtomicLong();
  private final AtomicLong backwardBytes = new AtomicLong();
  private final AtomicLong forwardLost = new AtomicLong();
  private final AtomicLong backwardLost = new AtomicLong();
  private NetServer server;
  private Future<Void> changes = Future.succeededFuture();
  private volatile Distance distance;
  private volatile LinkState state = LinkState.UP;

  private DelayProxy(
      Vertx vertx, Socket reservation, SocketAddress target, Distance distance, long seed) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.reservation = reservation;
    this.target = target;
    this.distance = distance;
    this.random = new SplittableRandom(seed);
    this.client = vertx.createNetClient();
    this.server = vertx.createNetServer();
  }

  /**
   * Starts a proxy. Not from a worker thread of Vert.x.
   *
   * @param port on 127.0.0.1; 0 for any free one
   * @param target where connections lead to
   * @param seed of the jitter
   * @return the proxy, or a failure if the port is taken
   */
  public static Future<DelayProxy> start(
      Vertx vertx, int port, SocketAddress target, Distance distance, long seed) {
    return start(vertx, LOOPBACK, port, target, distance, seed);
  }

  /** As above, at another address than loopback. */
  static Future<DelayProxy> start(
      Vertx vertx, String bind, int port, SocketAddress target, Distance distance, long seed) {
    Socket reservation;
    try {
      reservation = reserve(bind, port);
    } catch (IOException e) {
      return Future.failedFuture(new IOException(bind + ":" + port + ": " + e.getMessage(), e));
    }
    DelayProxy proxy = new DelayProxy(vertx, reservation, target, distance, seed);
    return proxy.onContext(proxy::listen).map(proxy).onFailure(ignored -> proxy.close());
  }

  private static Socket reserve(String bind, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(bind), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Where it listens. */
  public int port() {
    return reservation.getLocalPort();
  }

  public SocketAddress target() {
    return target;
  }

  public Distance distance() {
    return distance;
  }

  /** Applies to bytes that come in from now on; none overtakes another of its connection. */
  public void distance(Distance distance) {
    this.distance = distance;
  }

  public LinkState state() {
    return state;
  }

  /** What it has seen so far. */
  public LinkCounts counts() {
    return new LinkCounts(
        accepted.get(),
        open.get(),
        forwardBytes.get(),
        backwardBytes.get(),
        forwardLost.get(),
        backwardLost.get());
  }

  /**
   * Changes the state. A direction that an open connection has lost stays lost until the link is
   * {@link LinkState#UP} again, which resets the connection.
   *
   * @return completed when the change is in force
   */
  public Future<Void> state(LinkState next) {
    return onContext(
        () -> {
          changes = changes.transform(ignored -> change(next));
          return changes;
        });
  }

  /** Resets all connections and stops to listen; the port is free within moments afterwards. */
  public Future<Void> close() {
    return state(LinkState.DOWN)
        .eventually(client::close)
        .eventually(
            () -> {
              try {
                reservation.close();
                return Future.succeededFuture();
              } catch (IOException e) {
                return Future.failedFuture(new UncheckedIOException(e));
              }
            });
  }

  private <T> Future<T> onContext(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    context.runOnContext(ignored -> action.get().onComplete(done));
    return done.future();
  }

  private Future<Void> change(LinkState next) {
    LinkState before = state;
    if (next == before) {
      return Future.succeededFuture();
    }
    state = next;
    for (Relay relay : List.copyOf(relays)) {
      if (next == LinkState.UP || next == LinkState.DOWN) {
        relay.reset();
      }
      if (next.losesForward()) {
        relay.cutForward();
      }
      if (next.losesBackward()) {
        relay.cutBackward();
      }
    }
    if (next == LinkState.DOWN) {
      return server.close();
    }
    return before == LinkState.DOWN ? listen() : Future.succeededFuture();
  }

  private Future<Void> listen() {
    server = vertx.createNetServer().connectHandler(this::accept);
    return server.listen(port(), reservation.getLocalAddress().getHostAddress()).mapEmpty();
  }

  private void accept(NetSocket socket) {
    accepted.incrementAndGet();
    open.incrementAndGet();
    long now = System.nanoTime();
    long roundTrip = distance.roundTrip().toNanos();
    Relay relay =
        new Relay(
            socket, line(socket, now + 3 * roundTrip / 2, forwardBytes, forwardLost), this::over);
    relays.add(relay);
    if (state != LinkState.UP) {
      relay.cutForward();
      relay.unreached();
      if (state == LinkState.DOWN) {
        relay.reset();
      }
      return;
    }
    vertx
        .timer(1 + distance.oneWayNanos(random), TimeUnit.NANOSECONDS)
        .compose(ignored -> client.connect(target))
        .onSuccess(
            to -> relay.connected(to, line(to, now + 2 * roundTrip, backwardBytes, backwardLost)))
        .onFailure(
            ignored -> {
              relay.unreached();
              relay.reset();
            });
  }

  private DelayLine line(
      NetSocket source, long earliestNanos, AtomicLong delivered, AtomicLong lost) {
    return new DelayLine(
        vertx,
        source,
        System::nanoTime,
        () -> distance.oneWayNanos(random),
        earliestNanos,
        delivered,
        lost);
  }

  private void over(Relay relay) {
    relays.remove(relay);
    open.decrementAndGet();
  }
}
