package io.kvlane.router.region;

import io.kvlane.router.config.RouterConfig;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The other regions: asks after them, and says when one is lost. Safe for any thread. */
public final class Regions {
  /** What may be under way unread on a connection: 10 Gbit/s over 6 ms, or 270 Mbit/s over 235. */
  public static final int CONNECTION_WINDOW = 8 << 20;

  /** The same of one request or answer. */
  public static final int STREAM_WINDOW = 1 << 20;

  /** Where a router tells the state of its region. */
  public static final String STATE_PATH = "/link/v1/state";

  private static final long LOOK_MILLIS = 50;
  private static final long REFRESH_MILLIS = 2_000;

  private final Vertx vertx;
  private final RouterConfig.Link link;
  private final LinkIdentity identity;
  private final List<OtherRegion> all;
  private final List<LinkClients> users = new CopyOnWriteArrayList<>();

  public Regions(
      Vertx vertx, RouterConfig.Link link, LinkIdentity identity, MeterRegistry registry) {
    this.vertx = vertx;
    this.link = link;
    this.identity = identity;
    String sender = Long.toHexString(new SecureRandom().nextLong());
    this.all = link.regions().stream().map(region -> new OtherRegion(region, sender)).toList();
    for (OtherRegion region : all) {
      Gauge.builder("kvlane.region.up", region, r -> r.reachable(System.nanoTime()) ? 1 : 0)
          .description("Whether requests may be sent to the region")
          .tag("to", region.name())
          .register(registry);
      Gauge.builder("kvlane.region.round.trip", region, r -> r.roundTripMs() / 1e3)
          .description("Network time to the region and back")
          .baseUnit("seconds")
          .tag("to", region.name())
          .register(registry);
      FunctionCounter.builder("kvlane.region.losses", region, OtherRegion::losses)
          .description("Times the region was lost")
          .tag("to", region.name())
          .register(registry);
    }
  }

  /** The regions that are configured. */
  public List<OtherRegion> all() {
    return all;
  }

  /** Connections for the calling event loop. */
  public LinkClients clients() {
    LinkClients made = new LinkClients(vertx, link, identity);
    users.add(made);
    return made;
  }

  /** Begins to ask. */
  public Future<?> start() {
    return vertx.deployVerticle(new Watch());
  }

  private final class Watch extends AbstractVerticle {
    @Override
    public void start() {
      LinkClients clients = clients();
      vertx.setPeriodic(1, LOOK_MILLIS, timer -> look(clients));
      vertx.setPeriodic(
          REFRESH_MILLIS,
          timer ->
              vertx.executeBlocking(
                  () -> {
                    identity.refresh();
                    return null;
                  }));
    }

    private void look(LinkClients clients) {
      long now = System.nanoTime();
      for (OtherRegion region : all) {
        for (Peer peer : region.peers()) {
          peer.probe(clients.client(region.name()), now);
        }
        if (region.look(now)) {
          users.forEach(user -> user.cut(region.name()));
        }
      }
    }
  }
}
