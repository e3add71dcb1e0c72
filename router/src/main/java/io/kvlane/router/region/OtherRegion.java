package io.kvlane.router.region;

import io.kvlane.locality.decision.RegionLoad;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.RouterStatus;
import io.vertx.core.net.HostAndPort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another region as this router sees it. It is reachable while one of its routers answers. Back
 * after a loss it has to hold out a while, longer with each loss of the last minutes, and then gets
 * its share step by step: a region that flaps is left in peace, and one that starts cold is not run
 * over. Changed on one event loop, read by any thread.
 */
public final class OtherRegion {
  private static final Logger log = LoggerFactory.getLogger(OtherRegion.class);

  /** From its first request after a loss to its full share. */
  private static final long RAMP_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long a region must answer again, after its first loss in a while. */
  private static final long PROBATION_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_DOUBLINGS = 5;

  /** A region that holds out for so long has its losses forgotten. */
  private static final long FORGIVEN_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final String name;
  private final int number;
  private final String sender;
  private volatile List<Peer> peers = List.of();
  private final RegionLoad load = new RegionLoad();
  private final AtomicInteger turn = new AtomicInteger();

  /** When it may be used again, null while it is lost. */
  private volatile @Nullable Long openAt;

  private long answeringSince;
  private boolean answering;
  private volatile int losses;
  private volatile int recentLosses;
  private volatile long roundTripNanos;

  /** Whose digest is followed: its versions mean nothing to another router. */
  private @Nullable Peer told;

  /**
   * A region of which nothing is known yet.
   *
   * @param number below {@link Regions#MAX}, no other region has it
   * @param sender tells this process from all others
   */
  public OtherRegion(RouterConfig.OtherRegion config, int number, String sender) {
    this.name = config.name();
    this.number = number;
    this.sender = sender;
    routers(config.routers());
  }

  /** Its routers are to be reached at these addresses. */
  void routers(List<String> addresses) {
    Map<HostAndPort, Peer> known = new HashMap<>();
    peers.forEach(peer -> known.put(peer.address(), peer));
    peers =
        addresses.stream()
            .map(address -> HostAndPort.parseAuthority(address, 443))
            .map(address -> known.getOrDefault(address, new Peer(name, address)))
            .toList();
  }

  /** Tells it from the other regions of this router. */
  public int number() {
    return number;
  }

  public String name() {
    return name;
  }

  List<Peer> peers() {
    return peers;
  }

  /** What this router has sent there. */
  public RegionLoad load() {
    return load;
  }

  /** Times it was lost since this router started. */
  int losses() {
    return losses;
  }

  /** Whether requests that others could serve may be sent there. */
  boolean reachable(long now) {
    Long open = openAt;
    return open != null && now - open >= 0;
  }

  /** The share of its requests that it may get, 0 to 1. */
  public double share(long now) {
    Long open = openAt;
    if (open == null || now - open < 0) {
      return 0;
    }
    return recentLosses == 0 ? 1 : Math.min(1, 0.1 + 0.9 * (now - open) / RAMP_NANOS);
  }

  /** Smoothed, by the nearest of its routers that answer. */
  public double roundTripMs() {
    return roundTripNanos / 1e6;
  }

  /** What the region says of itself; null if no router of it answers. */
  public @Nullable RegionState state(long now) {
    Peer nearest = nearest(now);
    return nearest == null ? null : nearest.state();
  }

  /**
   * What the region's routers serve.
   *
   * @param answering whether that is of now; if not, it is the last that was heard
   */
  public record Routers(boolean answering, List<RouterStatus> statuses) {
    public Routers {
      statuses = List.copyOf(statuses);
    }
  }

  /** Which policies its routers serve. A router that is known to nobody there any more is gone. */
  public Routers routers(long now) {
    Map<String, RouterStatus> answering = new TreeMap<>();
    Peer last = null;
    for (Peer peer : peers) {
      RegionState state = peer.state();
      if (state == null) {
        continue;
      }
      if (last == null || peer.answeredAt() - last.answeredAt() > 0) {
        last = peer;
      }
      if (peer.heard(now)) {
        for (RouterStatus status : state.routers()) {
          answering.merge(status.router(), status, OtherRegion::newer);
        }
      }
    }
    if (!answering.isEmpty()) {
      return new Routers(true, List.copyOf(answering.values()));
    }
    RegionState said = last == null ? null : last.state();
    return new Routers(false, said == null ? List.of() : said.routers());
  }

  private static RouterStatus newer(RouterStatus a, RouterStatus b) {
    return a.confirmedAt() >= b.confirmedAt() && a.revision() >= b.revision() ? a : b;
  }

  /** Whether one of its routers has named that model when it last answered, however long ago. */
  public boolean knows(String model) {
    for (Peer peer : peers) {
      RegionState state = peer.state();
      if (state != null && state.model(model) != null) {
        return true;
      }
    }
    return false;
  }

  /** What was sent there before that moment is in {@link #state}. */
  public long shownAt(long now) {
    Peer nearest = nearest(now);
    return (nearest == null ? now : nearest.answeredAt()) - roundTripNanos - Peer.PROBE_NANOS;
  }

  private @Nullable Peer nearest(long now) {
    Peer nearest = null;
    for (Peer peer : peers) {
      if (peer.answers(now) && (nearest == null || peer.roundTripMs() < nearest.roundTripMs())) {
        nearest = peer;
      }
    }
    return nearest;
  }

  /** Who is to be asked for the digest: the same as before as long as it answers. */
  @Nullable Peer teller(long now) {
    Peer last = told;
    if (last == null || !last.answers(now) || !peers.contains(last)) {
      told = nearest(now);
    }
    return told;
  }

  /** The way to one of its routers that take requests, each in its turn. */
  public Optional<Hop> hop(long now) {
    List<Peer> all = peers;
    int pass = turn.getAndIncrement();
    for (int i = 0; i < all.size(); i++) {
      Peer peer = all.get(Math.floorMod(pass + i, all.size()));
      RegionState state = peer.state();
      if (peer.answers(now) && state != null && !state.draining()) {
        return Optional.of(new Hop(peer, state.ticket() + '-' + sender + '-' + pass));
      }
    }
    return Optional.empty();
  }

  /** Takes stock. */
  void look(long now) {
    if (peers.stream().noneMatch(peer -> peer.heard(now))) {
      openAt = null;
      if (answering) {
        answering = false;
        int times = losses;
        int recent = recentLosses;
        losses = times + 1;
        recentLosses = recent + 1;
        log.warn("Region {} is lost", name);
      }
      return;
    }
    Peer nearest = nearest(now);
    if (nearest == null) {
      return; // for a moment none may be used, which is no loss
    }
    roundTripNanos = (long) (nearest.roundTripMs() * 1e6);
    if (!answering) {
      answering = true;
      answeringSince = now;
      int recent = recentLosses;
      openAt = now + (recent == 0 ? 0 : PROBATION_NANOS << Math.min(recent - 1, MAX_DOUBLINGS));
      log.info("Region {} answers, {} ms away", name, Math.round(nearest.roundTripMs()));
    } else if (recentLosses > 0 && now - answeringSince > FORGIVEN_NANOS) {
      recentLosses = 0;
    }
  }

  @Override
  public String toString() {
    return "OtherRegion[" + name + ", " + peers + ']';
  }
}
