package io.kvlane.router.policy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far revisions have come, seen from one router (ADM-8). A revision is live when every router
 * that is known serves it, or a later one, and has it on its disk. Safe for any thread.
 */
public final class Rollouts {
  private static final int REMEMBERED = 1_000;

  private static final Duration[] DURATIONS = {
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30),
    Duration.ofMinutes(5)
  };

  private final Supplier<Collection<Seen>> regions;
  private final LongSupplier nanos;
  private final Timer timer;

  /** When revisions were committed here, that are not live everywhere yet. */
  private final Map<Long, Long> pending = new LinkedHashMap<>();

  private long lastLive;

  /** How long they took that are. */
  private final Map<Long, Long> took = new HashMap<>();

  /**
   * A region as it is seen.
   *
   * @param reachable whether what is known of its routers is of now
   */
  public record Seen(String region, boolean reachable, List<RouterStatus> routers) {
    public Seen {
      routers = List.copyOf(routers);
    }
  }

  /** Where a rollout stands. */
  public enum Phase {
    /** Some router does not serve it yet, or has not been heard of. */
    PENDING,
    /** All routers serve it. */
    LIVE,
    /** Some router refuses it; the others serve it. */
    REFUSED,
    /** All routers know it, and serve some of the requests by it. */
    CANARY,
    /** What it brought was taken back. */
    ROLLED_BACK
  }

  /** What a router says to a revision. */
  public enum Reply {
    PENDING,
    ACK,
    NACK
  }

  /**
   * A revision's way to the routers.
   *
   * @param millis from its commit until it was live everywhere; -1 if it is not, or if this router
   *     has not seen it
   */
  public record Rollout(long revision, Phase state, long millis, List<Region> regions) {}

  /** The same in one region. */
  public record Region(String region, Phase state, boolean reachable, List<Router> routers) {}

  /**
   * The same at one router.
   *
   * @param serves the revision that it serves
   * @param reason of a NACK, else empty
   */
  public record Router(String router, Reply state, long serves, String reason) {}

  /**
   * @param regions all of them, with all routers that are known, the silent ones included
   * @param nanos a monotonic clock
   */
  public Rollouts(Supplier<Collection<Seen>> regions, LongSupplier nanos, MeterRegistry registry) {
    this.regions = regions;
    this.nanos = nanos;
    this.timer =
        Timer.builder("kvlane.rollout.duration")
            .description("Time from a revision's commit until all routers serve it")
            .serviceLevelObjectives(DURATIONS)
            .register(registry);
  }

  /** A revision was committed just now. */
  public synchronized void committed(long revision) {
    if (!took.containsKey(revision)) {
      pending.putIfAbsent(revision, nanos.getAsLong());
    }
    if (pending.size() > REMEMBERED) {
      pending.remove(pending.keySet().iterator().next());
    }
  }

  /** Takes stock: to be called often, so that times are exact. */
  public synchronized void look() {
    Collection<Seen> now = regions.get();
    lastLive = Math.max(lastLive, everywhere(now));
    if (pending.isEmpty()) {
      return;
    }
    pending
        .entrySet()
        .removeIf(
            entry -> {
              boolean live = phase(regions(entry.getKey(), now)) == Phase.LIVE;
              if (live) {
                Duration time = Duration.ofNanos(nanos.getAsLong() - entry.getValue());
                timer.record(time);
                took.put(entry.getKey(), time.toMillis());
                took.remove(entry.getKey() - REMEMBERED);
              }
              return live;
            });
  }

  /** All regions, as they are seen now. */
  public Collection<Seen> seen() {
    return regions.get();
  }

  /** The newest revision that was live everywhere at some time, as far as this router has seen. */
  public synchronized long lastLive() {
    return lastLive;
  }

  /** The revision that all routers serve, or a later one; 0 if some region is not heard of. */
  private static long everywhere(Collection<Seen> now) {
    boolean all = now.stream().allMatch(seen -> seen.reachable() && !seen.routers().isEmpty());
    return !all
        ? 0
        : now.stream()
            .flatMap(seen -> seen.routers().stream())
            .mapToLong(RouterStatus::revision)
            .min()
            .orElse(0);
  }

  /** Where a revision stands now. */
  public Rollout of(long revision) {
    look();
    List<Region> seen = regions(revision, regions.get());
    Phase phase = phase(seen);
    synchronized (this) {
      return new Rollout(revision, phase, took.getOrDefault(revision, -1L), seen);
    }
  }

  private static List<Region> regions(long revision, Collection<Seen> now) {
    Map<String, Region> regions = new TreeMap<>();
    for (Seen region : now) {
      List<Router> routers = new ArrayList<>();
      for (RouterStatus router : region.routers()) {
        routers.add(router(revision, router));
      }
      Phase phase =
          routers.stream().anyMatch(r -> r.state() == Reply.NACK)
              ? Phase.REFUSED
              : routers.isEmpty() || routers.stream().anyMatch(r -> r.state() == Reply.PENDING)
                  ? Phase.PENDING
                  : Phase.LIVE;
      regions.put(region.region(), new Region(region.region(), phase, region.reachable(), routers));
    }
    return List.copyOf(regions.values());
  }

  private static Router router(long revision, RouterStatus status) {
    Reply reply =
        status.refused() == revision
            ? Reply.NACK
            : status.revision() >= revision ? Reply.ACK : Reply.PENDING;
    String reason = reply == Reply.NACK ? status.problem() : "";
    return new Router(status.router(), reply, status.revision(), reason);
  }

  private static Phase phase(List<Region> regions) {
    return regions.stream().anyMatch(r -> r.state() == Phase.REFUSED)
        ? Phase.REFUSED
        : regions.stream().allMatch(r -> r.state() == Phase.LIVE) ? Phase.LIVE : Phase.PENDING;
  }
}
