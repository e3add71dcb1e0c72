package io.kvlane.router.routing;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.ringbuffer.OverflowPolicy;
import com.hazelcast.ringbuffer.Ringbuffer;
import com.hazelcast.topic.ITopic;
import io.kvlane.locality.digest.DigestIndex;
import io.kvlane.locality.digest.DigestIndex.Held;
import io.kvlane.locality.log.DigestFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.Regions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other regions' digests as all routers of this region have them. For each region one router,
 * the first by rendezvous hashing among the cluster's members, asks for what is new and puts it
 * into a ring that all follow; when nothing has come for a while the next one in that order takes
 * over.
 */
final class DigestShare implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DigestShare.class);
  private static final long TICK_MILLIS = 20;

  private final HazelcastInstance hazelcast;
  private final Regions regions;
  private final String router;
  private final long everyNanos;
  private final DigestIndex index;
  private final DigestMetrics metrics;
  private final LongSupplier wallMillis;
  private final Ringbuffer<byte[]> ring;
  private final ITopic<String> wanted;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("kvlane-digest").factory());
  private final RingFollower rings;
  private volatile List<DigestCopy> copies = List.of();
  private volatile boolean closed;

  /** The last frame, of the digest thread: done when it is in the ring, or lost. */
  private CompletableFuture<?> written = CompletableFuture.completedFuture(null);

  DigestShare(
      HazelcastInstance hazelcast,
      String router,
      Regions regions,
      RouterConfig.Digest config,
      MapMetrics map,
      DigestMetrics metrics,
      LongSupplier wallMillis) {
    this.hazelcast = hazelcast;
    this.regions = regions;
    this.metrics = metrics;
    this.wallMillis = wallMillis;
    this.ring = hazelcast.getRingbuffer(LocalityLog.DIGESTS);
    this.wanted = hazelcast.getTopic(LocalityLog.DIGEST_WANTED);
    this.rings = new RingFollower(thread, map);
    this.router = router;
    this.everyNanos = config.every().toNanos();
    this.index = new DigestIndex(Regions.MAX, config.maxBytes());
    map.digests(index);
  }

  /** Regions have joined or left. The digest thread. */
  private void look() {
    List<OtherRegion> all = regions.all();
    for (DigestCopy copy : copies) {
      if (!all.contains(copy.region())) {
        index.forget(copy.region().number());
        metrics.forget(copy.region().name());
      }
    }
    List<DigestCopy> next = new ArrayList<>();
    for (OtherRegion region : all) {
      DigestCopy copy = copy(region.name());
      if (copy == null || !copy.region().equals(region)) {
        copy = new DigestCopy(region, router, everyNanos, index, this::put, wallMillis);
        metrics.age(region.name(), copy);
      }
      next.add(copy);
    }
    copies = List.copyOf(next);
  }

  private @Nullable DigestCopy copy(String region) {
    for (DigestCopy copy : copies) {
      if (copy.region().name().equals(region)) {
        return copy;
      }
    }
    return null;
  }

  /** Age of what is known of a region's caches; -1 if nothing is. Any thread. */
  double ageMillis(String region, long now) {
    DigestCopy copy = copy(region);
    return copy == null || !copy.isFresh(now) ? -1 : copy.ageMillis(now);
  }

  /** Follows the ring, and does its share of asking. */
  void start() {
    rings.follow(ring, ring.tailSequence() + 1, this::folded);
    var _ =
        wanted.addMessageListener(
            message -> {
              String region = message.getMessageObject();
              run(
                  () -> {
                    DigestCopy copy = copy(region);
                    if (copy != null && written.isDone()) {
                      copy.wanted(System.nanoTime());
                    }
                  });
            });
    var _ =
        thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** A prompt was sent to where a digest said that so many tokens are cached. Any thread. */
  void answered(int predicted, int reported) {
    metrics.predicted(predicted > reported);
  }

  private void run(Runnable task) {
    if (!closed) {
      thread.execute(task);
    }
  }

  /** What each region holds of a prompt, by {@link OtherRegion#number}. Any thread. */
  Held[] held(Chain chain) {
    Held[] held = index.held(chain);
    long now = System.nanoTime();
    for (DigestCopy copy : copies) {
      if (!copy.isFresh(now)) {
        held[copy.region().number()] = Held.NOTHING;
      }
    }
    return held;
  }

  private void folded(byte[] bytes, long sequence) throws LogFormatException {
    DigestFrame frame = DigestFrame.decode(bytes);
    DigestCopy copy = copy(frame.region());
    long lag = copy == null ? -1 : copy.fold(frame, System.nanoTime());
    if (lag >= 0) {
      metrics.lag(lag);
    }
  }

  /**
   * One frame after the other: adds are tried again while the router that has the ring changes, and
   * those under way together would overtake each other.
   */
  private void put(DigestFrame frame) {
    written =
        written
            .thenCompose(
                _ ->
                    ring.addAsync(frame.encode(), OverflowPolicy.OVERWRITE)
                        // thenCompose would take the bytes that Hazelcast's own stages hold.
                        .thenApply(place -> place))
            .handle(
                (_, error) -> {
                  if (error != null && !closed) {
                    // The hole shows in the sequence: who follows asks for the whole.
                    log.warn("A part of a digest was not shared: {}", error.toString());
                  }
                  return null;
                });
  }

  private void tick() {
    try {
      look();
      long now = System.nanoTime();
      for (DigestCopy copy : copies) {
        if (copy.region().state(now) == null) {
          continue;
        }
        if (copy.isMyTurn(rank(copy.region().name()), now) && copy.isDue(now)) {
          if (written.isDone()) {
            fetch(copy, now);
          }
        } else if (copy.wants(now)) {
          wanted.publish(copy.region().name());
        }
      }
    } catch (RuntimeException e) {
      if (!closed) {
        log.warn("Digests could not be looked after: {}", e.toString());
      }
    }
  }

  /** How many routers come before this one. */
  private int rank(String region) {
    Member self = hazelcast.getCluster().getLocalMember();
    Member[] order =
        hazelcast.getCluster().getMembers().stream()
            .sorted(Comparator.comparingLong(member -> weight(region, member)))
            .toArray(Member[]::new);
    return Arrays.asList(order).indexOf(self);
  }

  private static long weight(String region, Member member) {
    return DigestCopy.weight(region, member.getUuid().toString());
  }

  private void fetch(DigestCopy copy, long now) {
    regions
        .digest(copy.region(), copy.asked(now), copy.version())
        .onComplete(
            result ->
                run(
                    () -> {
                      if (result.succeeded()) {
                        metrics.fetched(copy.region().name(), result.result().bytes());
                        copy.told(result.result().delta());
                      } else {
                        log.debug("Digest of {}: {}", copy.region(), result.cause().toString());
                        copy.failed();
                      }
                    }));
  }

  @Override
  public void close() {
    closed = true;
    rings.close();
    thread.shutdownNow();
  }
}
