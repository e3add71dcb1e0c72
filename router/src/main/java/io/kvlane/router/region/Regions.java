package io.kvlane.router.region;

import static java.util.function.Predicate.not;

import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.tls.ExpiryMetric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other regions, which may join and leave: asks after them, and says when one is lost. Safe for
 * any thread.
 */
public final class Regions {
  /** What may be under way unread on a connection: 10 Gbit/s over 6 ms, or 270 Mbit/s over 235. */
  public static final int CONNECTION_WINDOW = 8 << 20;

  /** The same of one request or answer. */
  public static final int STREAM_WINDOW = 1 << 20;

  /** Where a router tells the state of its region. */
  public static final String STATE_PATH = "/link/v1/state";

  /** Where a router tells its region's digest. */
  public static final String DIGEST_PATH = "/link/v1/digest";

  /** Where a router tells the revision of the policies that it serves. */
  public static final String POLICIES_PATH = "/link/v1/policies";

  /** Where a router takes lines of the audit log. */
  public static final String AUDIT_PATH = "/link/v1/audit";

  /** Regions that a router can know beside its own. */
  public static final int MAX = 16;

  private static final Logger log = LoggerFactory.getLogger(Regions.class);
  private static final String TAG = "to";
  private static final long LOOK_MILLIS = 50;
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** A whole digest of some megabytes takes a while on a slow link. */
  private static final long DIGEST_MILLIS = 10_000;

  /**
   * How long answers that have begun are waited for when a router falls silent: nobody else can go
   * on with them, so that nothing is won by ending them as soon as others turn away from it.
   */
  private static final long STREAMS_SECONDS = 10;

  private static final long POLICIES_MILLIS = 5_000;

  private static final MultiMap NO_HEADERS = MultiMap.caseInsensitiveMultiMap();

  private final Vertx vertx;
  private final LinkIdentity identity;
  private final MeterRegistry registry;
  private final String sender = Long.toHexString(new SecureRandom().nextLong());
  private final Watch watch = new Watch();
  private final List<LinkClients> users = new CopyOnWriteArrayList<>();
  private volatile List<OtherRegion> all = List.of();

  public Regions(
      Vertx vertx, RouterConfig.Link link, LinkIdentity identity, MeterRegistry registry) {
    this.vertx = vertx;
    this.identity = identity;
    this.registry = registry;
    ExpiryMetric.register("link", identity::expires, registry);
    update(link.regions());
  }

  /** Other regions join or leave, or their routers have other addresses. Any thread. */
  public synchronized void update(List<RouterConfig.OtherRegion> configured) {
    Map<String, OtherRegion> known = new HashMap<>();
    BitSet numbers = new BitSet();
    for (OtherRegion region : all) {
      known.put(region.name(), region);
      numbers.set(region.number());
    }
    List<OtherRegion> next = new ArrayList<>();
    for (RouterConfig.OtherRegion config : configured) {
      OtherRegion region = known.remove(config.name());
      if (region == null) {
        int number = numbers.nextClearBit(0);
        if (number >= MAX) {
          log.warn("Region {} is ignored: there are already {} others", config.name(), MAX);
          continue;
        }
        numbers.set(number);
        region = new OtherRegion(config, number, sender);
        meters(region);
      } else {
        List<Peer> former = region.peers();
        region.routers(config.routers());
        forget(former.stream().filter(not(region.peers()::contains)).toList());
      }
      next.add(region);
    }
    all = List.copyOf(next);
    for (OtherRegion gone : known.values()) {
      log.info("Region {} has left", gone.name());
      forget(gone.peers());
      registry.getMeters().stream()
          .filter(meter -> gone.name().equals(meter.getId().getTag(TAG)))
          .forEach(registry::remove);
    }
  }

  private void forget(List<Peer> peers) {
    users.forEach(user -> peers.forEach(user::forget));
  }

  private void meters(OtherRegion region) {
    Gauge.builder("kvlane.region.up", region, r -> r.reachable(System.nanoTime()) ? 1 : 0)
        .description("Whether requests may be sent to the region")
        .tag(TAG, region.name())
        .register(registry);
    Gauge.builder("kvlane.region.round.trip", region, r -> r.roundTripMs() / 1e3)
        .description("Network time to the region and back")
        .baseUnit("seconds")
        .tag(TAG, region.name())
        .register(registry);
    FunctionCounter.builder("kvlane.region.losses", region, OtherRegion::losses)
        .description("Times the region was lost")
        .tag(TAG, region.name())
        .register(registry);
  }

  /** The other regions. */
  public List<OtherRegion> all() {
    return all;
  }

  /** Their names. */
  public Set<String> names() {
    return all.stream().map(OtherRegion::name).collect(Collectors.toSet());
  }

  /** Connections for the calling event loop. */
  public LinkClients clients() {
    LinkClients made = new LinkClients(vertx, identity);
    users.add(made);
    return made;
  }

  /**
   * A region's digest as it was told.
   *
   * @param bytes that it took
   */
  public record Told(DigestDelta delta, int bytes) {}

  /**
   * Asks a region for what changed in its digest. Any thread.
   *
   * @param log life of the digest that is known, 0 for none
   * @param from version that is known
   */
  public Future<Told> digest(OtherRegion region, long log, long from) {
    String uri = DIGEST_PATH + "?log=" + log + "&from=" + from;
    return send(region, HttpMethod.GET, uri, NO_HEADERS, Buffer.buffer(), DIGEST_MILLIS)
        .compose(Regions::good)
        .compose(
            body -> {
              try {
                return Future.succeededFuture(
                    new Told(DigestDelta.decode(body.getBytes()), body.length()));
              } catch (LogFormatException e) {
                return Future.failedFuture(e);
              }
            });
  }

  private static Future<Buffer> good(Reply reply) {
    return reply.status() == 200
        ? Future.succeededFuture(reply.body())
        : Future.failedFuture("status " + reply.status());
  }

  /** The revision of the policies that a region serves, as text. Any thread. */
  public Future<Buffer> revision(OtherRegion region) {
    return send(region, HttpMethod.GET, POLICIES_PATH, NO_HEADERS, Buffer.buffer(), POLICIES_MILLIS)
        .compose(Regions::good);
  }

  /** What a router of another region answered. */
  public record Reply(int status, MultiMap headers, Buffer body) {}

  /** A request was not sent: no router of the region could be reached. */
  public static final class NotSent extends Exception {
    private static final long serialVersionUID = 1;

    NotSent(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Sends a request to a router of a region, whichever answers. Any thread.
   *
   * <p>Fails with {@link NotSent} if nothing has left this router, otherwise after the limit or
   * when the connection ends.
   */
  public Future<Reply> send(
      OtherRegion region,
      HttpMethod method,
      String uri,
      MultiMap headers,
      Buffer body,
      long limitMillis) {
    LinkClients clients = watch.clients;
    if (clients == null) {
      return Future.failedFuture(new NotSent("the link has not begun"));
    }
    Promise<Reply> replied = Promise.promise();
    clients.run(
        () -> send(clients, region, method, uri, headers, body, limitMillis).onComplete(replied));
    return replied.future();
  }

  private static Future<Reply> send(
      LinkClients clients,
      OtherRegion region,
      HttpMethod method,
      String uri,
      MultiMap headers,
      Buffer body,
      long limitMillis) {
    Peer peer = region.teller(System.nanoTime());
    if (peer == null) {
      return Future.failedFuture(new NotSent("region " + region.name() + " does not answer"));
    }
    return clients
        .client(peer)
        .request(method, peer.address().port(), peer.address().host(), uri)
        .recover(e -> Future.failedFuture(new NotSent(String.valueOf(e.getMessage()))))
        .compose(
            request -> {
              request.headers().addAll(headers);
              return request
                  .send(body)
                  .compose(
                      response ->
                          response
                              .body()
                              .map(
                                  bytes ->
                                      new Reply(response.statusCode(), response.headers(), bytes)))
                  .timeout(limitMillis, TimeUnit.MILLISECONDS)
                  .onFailure(late -> request.reset());
            });
  }

  /** Begins to ask. */
  public Future<?> start() {
    return vertx.deployVerticle(watch);
  }

  private final class Watch extends AbstractVerticle {
    private long lookedAt = System.nanoTime();
    volatile @Nullable LinkClients clients;

    @Override
    public void start() {
      LinkClients clients = clients();
      this.clients = clients;
      vertx.setPeriodic(1, LOOK_MILLIS, timer -> look(clients));
      identity.watch(vertx);
    }

    private void look(LinkClients clients) {
      long now = System.nanoTime();
      boolean late = now - lookedAt > LATE_NANOS;
      lookedAt = now;
      for (OtherRegion region : all) {
        region.peers().forEach(peer -> peer.probe(clients.client(peer), now));
        if (late) {
          continue; // this process stood still: what was answered meanwhile is still to be read
        }
        for (Peer peer : region.peers()) {
          if (peer.givesUp(now)) {
            users.forEach(user -> user.renew(peer, user.equals(clients) ? 0 : STREAMS_SECONDS));
          }
        }
        region.look(now);
      }
    }
  }
}
