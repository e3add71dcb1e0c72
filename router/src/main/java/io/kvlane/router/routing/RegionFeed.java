package io.kvlane.router.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryRemovedListener;
import com.hazelcast.ringbuffer.Ringbuffer;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.log.RoutedFrame;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the region's log in Hazelcast and folds it into fleet and locality map, both of which
 * only its one thread changes.
 */
final class RegionFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegionFeed.class);
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final long POLL_MILLIS = 250;

  /** A replica whose agent died stays a candidate for this long: its engine may well live. */
  private static final long ORPHAN_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final HazelcastInstance hazelcast;
  private final String router;
  private final Fleet fleet;
  private final LocalityMap map;
  private final Drains drains;
  private final MapMetrics metrics;
  private final IMap<String, String> states;
  private final RecoveryReader recoveries;
  private final TextSnapshots textSnapshots;
  private final ScheduledExecutorService locality =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("kvlane-locality").factory());
  private final RingFollower rings;
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("kvlane-poll").factory());

  /** Replicas whose agents took their leave. */
  private final Set<String> left = ConcurrentHashMap.newKeySet();

  /** When a replica's agent fell silent, nanoseconds. */
  private final Map<String, Long> orphans = new HashMap<>();

  /** What {@link LocalityMap#next} was at the last poll, of replicas that were behind. */
  private final Map<String, Long> behind = new HashMap<>();

  private volatile boolean closed;

  RegionFeed(
      HazelcastInstance hazelcast,
      String router,
      Fleet fleet,
      LocalityMap map,
      Drains drains,
      MapMetrics metrics) {
    this.hazelcast = hazelcast;
    this.router = router;
    this.fleet = fleet;
    this.map = map;
    this.drains = drains;
    this.metrics = metrics;
    this.states = hazelcast.getMap(LocalityLog.REPLICAS);
    this.recoveries = new RecoveryReader(hazelcast, metrics);
    this.textSnapshots = new TextSnapshots(hazelcast, map);
    this.rings = new RingFollower(locality, metrics);
  }

  /** Follows; returns when the replicas that are known in the region are known here. */
  void start() throws InterruptedException {
    var _ =
        states.addEntryListener(
            (EntryRemovedListener<String, String>)
                (EntryEvent<String, String> e) -> left.add(e.getKey()),
            false);
    for (int i = 0; i < LocalityLog.RINGS; i++) {
      Ringbuffer<byte[]> ring = hazelcast.getRingbuffer(LocalityLog.ring(i));
      rings.follow(ring, ring.tailSequence() + 1, this::delta);
    }
    drains.refresh();
    Map<String, ReplicaState> first = read();
    Ringbuffer<byte[]> routed = hazelcast.getRingbuffer(LocalityLog.ROUTED);
    try {
      locality
          .submit(
              () -> {
                take(first);
                fleet.all().forEach(replica -> textSnapshots.restore(replica, recoveries));
                // From the ring's beginning: repeats only refresh what the snapshots hold, and the
                // popularity of prefixes is in no snapshot.
                rings.follow(routed, routed.headSequence(), this::routed);
              })
          .get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The locality map could not be read", e.getCause());
    }
    var _ =
        poller.scheduleWithFixedDelay(
            guarded("read orders", drains::refresh),
            POLL_MILLIS,
            POLL_MILLIS,
            TimeUnit.MILLISECONDS);
    var _ =
        poller.scheduleWithFixedDelay(
            guarded("read replicas", this::poll), POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        locality.scheduleWithFixedDelay(
            guarded("write text snapshots", () -> textSnapshots.write(fleet.all())),
            TextSnapshots.PERIOD_MILLIS,
            TextSnapshots.PERIOD_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /** What the map says, asked by the thread that changes it. */
  <T> CompletionStage<T> ask(Supplier<T> question) {
    return CompletableFuture.supplyAsync(question, locality);
  }

  /** A periodic task must not throw, or it would never run again. */
  private Runnable guarded(String what, Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        if (!closed) {
          log.warn("Could not {}: {}", what, e.toString());
        }
      }
    };
  }

  private void delta(byte[] bytes, long sequence) throws LogFormatException {
    DeltaFrame frame = DeltaFrame.decode(bytes);
    metrics.lag(System.currentTimeMillis() - frame.sentAt());
    if (map.apply(frame)) {
      recover(frame.replica());
    }
  }

  private void routed(byte[] bytes, long sequence) throws LogFormatException {
    RoutedFrame frame = RoutedFrame.decode(bytes);
    long lagMillis = Math.max(0, System.currentTimeMillis() - frame.sentAt());
    map.apply(frame, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(lagMillis));
    if (!frame.router().equals(router)) {
      frame.requests().forEach(this::promised);
    }
    textSnapshots.folded(sequence);
  }

  /** What another router has sent will soon be cached, though no event tells of it yet. */
  private void promised(RoutedFrame.Routed request) {
    Replica replica = fleet.get(request.replica());
    if (replica != null && replica.state().epoch() == request.epoch()) {
      double tokens = request.chain().length * (double) request.tokensPerKey();
      double msPerToken = replica.rate().msPerToken();
      replica.load().sentElsewhere(request.chain(), tokens, msPerToken, System.nanoTime());
    }
  }

  private void poll() {
    Map<String, ReplicaState> now = read();
    locality.execute(guarded("take in replicas", () -> take(now)));
  }

  private Map<String, ReplicaState> read() {
    Map<String, ReplicaState> result = new HashMap<>();
    states
        .entrySet()
        .forEach(
            entry -> {
              try {
                result.put(entry.getKey(), JSON.readValue(entry.getValue(), ReplicaState.class));
              } catch (JsonProcessingException | IllegalArgumentException e) {
                metrics.damaged();
                log.warn("Skipped the state of replica {}: {}", entry.getKey(), e.toString());
              }
            });
    return result;
  }

  private void take(Map<String, ReplicaState> now) {
    now.forEach((id, state) -> take(state));
    for (Replica replica : fleet.all()) {
      String id = replica.id();
      if (now.containsKey(id)) {
        orphans.remove(id);
        left.remove(id);
      } else if (left.remove(id) || orphanedTooLong(id)) {
        orphans.remove(id);
        behind.remove(id);
        map.remove(id);
        fleet.remove(replica);
      }
    }
  }

  private boolean orphanedTooLong(String id) {
    long since = orphans.computeIfAbsent(id, k -> orphaned(k));
    return System.nanoTime() - since > ORPHAN_NANOS;
  }

  private long orphaned(String id) {
    log.warn("The agent of replica {} fell silent; its cache counts as unknown", id);
    map.forget(id);
    return System.nanoTime();
  }

  private void take(ReplicaState state) {
    boolean unknown = fleet.get(state.id()) == null;
    Replica replica = fleet.update(state);
    if (replica == null) {
      return;
    }
    map.add(state.id(), replica.slot(), state.cacheTokens());
    map.epoch(state.id(), state.epoch());
    if (!map.behind(state.id(), state.epoch(), state.sequence())) {
      behind.remove(state.id());
      return;
    }
    // A frame may be on its way: only a replica that stands still between two looks is stuck.
    Long before = behind.put(state.id(), map.next(state.id()));
    if (unknown || (before != null && before == map.next(state.id()))) {
      behind.remove(state.id());
      map.beginRecovery(state.id());
      recover(state.id());
    }
  }

  private void recover(String replica) {
    Thread.ofVirtual()
        .name("kvlane-recovery-" + replica)
        .start(
            () -> {
              LocalityMap.Recovery found = null;
              try {
                found = recoveries.read(replica);
              } catch (ExecutionException | TimeoutException | RuntimeException e) {
                log.warn("Could not read the log of replica {}: {}", replica, e.toString());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              LocalityMap.Recovery result = found;
              if (!closed) {
                locality.execute(guarded("recover " + replica, () -> map.recover(replica, result)));
              }
            });
  }

  @Override
  public void close() {
    closed = true;
    rings.close();
    poller.shutdownNow();
    locality.shutdownNow();
  }
}
