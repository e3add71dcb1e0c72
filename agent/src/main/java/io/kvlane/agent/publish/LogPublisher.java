package io.kvlane.agent.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.core.HazelcastInstance;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.DeltaFrame.Change;
import io.kvlane.locality.log.DeltaFrame.Stored;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.prefix.KeySpace;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes one replica: frames of changes, snapshots, and its state. Frames of an epoch are
 * numbered from 0 without holes. When the region's Hazelcast was away, or frames may have been
 * lost, a new epoch begins in which everything is published again. Used by one thread, which calls
 * {@link #tick} every few milliseconds; nothing here waits.
 */
public final class LogPublisher {
  private static final Logger log = LoggerFactory.getLogger(LogPublisher.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final long FLUSH_NANOS = 5_000_000;
  private static final long STATE_NANOS = 500_000_000;
  private static final long SNAPSHOT_PAUSE_NANOS = 1_000_000_000;

  /** About 16 MB: a region that takes frames this slowly gets a fresh start instead. */
  private static final int MAX_WAITING = 4_096;

  /** What this publisher counts. */
  public interface Observer {
    void frame(int keys);

    void epoch();

    void snapshot(int keys);
  }

  private final String replica;
  private final RegionStore store;
  private final Supplier<long[]> keys;
  private final InstantSource clock;
  private final long snapshotNanos;
  private final Observer observer;
  private final FrameQueue queue;
  private final SnapshotWriter snapshots;
  private final Batch batch = new Batch();

  private long epoch = -1;
  private long nextSequence;
  private int rebuildFrames;
  private long batchSince;
  private long connection;
  private boolean online;
  private @Nullable CompletableFuture<RegionStore.Previous> loading;
  private volatile long capacity = Long.MAX_VALUE;
  private boolean changed;
  private long snapshotAt;
  private long snapshotPlace;
  private boolean snapshotNow;
  private @Nullable ReplicaState lastState;
  private long stateAt;
  private CompletableFuture<?> stateWrite = CompletableFuture.completedFuture(null);

  /**
   * Publishes nothing before the first {@link #tick} that finds the region.
   *
   * @param hazelcast the region's, as a client
   * @param replica its id
   * @param keys what the replica holds, parents before children; asked in the calling thread
   * @param snapshotMillis how old a snapshot may be when something has changed
   */
  public LogPublisher(
      HazelcastInstance hazelcast,
      String replica,
      Supplier<long[]> keys,
      InstantSource clock,
      long snapshotMillis,
      Observer observer) {
    this(new HazelcastStore(hazelcast, replica), replica, keys, clock, snapshotMillis, observer);
  }

  LogPublisher(
      RegionStore store,
      String replica,
      Supplier<long[]> keys,
      InstantSource clock,
      long snapshotMillis,
      Observer observer) {
    this.store = store;
    this.replica = replica;
    this.keys = keys;
    this.clock = clock;
    this.snapshotNanos = TimeUnit.MILLISECONDS.toNanos(snapshotMillis);
    this.observer = observer;
    this.queue = new FrameQueue(store);
    this.snapshots = new SnapshotWriter(store, replica);
  }

  /** The epoch of what is being published, -1 before the region was found. */
  public long epoch() {
    return epoch;
  }

  /** The last frame of this epoch of which all before have arrived, -1 for none. */
  public long acknowledged() {
    return queue.acknowledged();
  }

  /** Whether a state of this replica has arrived. */
  public boolean hasState() {
    return lastState != null && stateWrite.isDone() && !stateWrite.isCompletedExceptionally();
  }

  /** Frames that have not arrived yet. */
  public int waiting() {
    return queue.size();
  }

  /** Publishes changes, within 5 ms. While the region is away they wait in the cache. */
  public void publish(List<Change> changes, long now) {
    if (!online || changes.isEmpty()) {
      return;
    }
    if (!batch.isOpen()) {
      batchSince = now;
    }
    changes.forEach(batch::add);
    changed = true;
  }

  /** Everything published before is void. The cache is expected to be empty, or to say so next. */
  public void newEpoch() {
    if (online) {
      announce();
    }
  }

  private void announce() {
    epoch = Math.max(epoch + 1, clock.millis());
    nextSequence = 0;
    batch.clear();
    queue.newEpoch(epoch);
    enqueue(List.of());
    changed = true;
    snapshotNow = true;
    observer.epoch();
  }

  private void enqueue(List<Change> changes) {
    DeltaFrame frame =
        new DeltaFrame(replica, KeySpace.TOKENS, epoch, nextSequence, clock.millis(), changes);
    queue.add(nextSequence++, frame.encode());
    observer.frame(changes.stream().mapToInt(change -> change.keys().length).sum());
  }

  /** Does what is due. {@code state} is what to publish of the engine; its epoch is ours. */
  public void tick(ReplicaState state, long now) {
    watchRegion(now);
    if (!online) {
      return;
    }
    if (batch.isOpen() && now - batchSince >= FLUSH_NANOS) {
      batch.cut();
    }
    batch.take().forEach(this::enqueue);
    queue.pump(now);
    if (queue.isBroken() || queue.size() > MAX_WAITING + rebuildFrames) {
      log.warn("replica {}: frames may have been lost: publishing everything again", replica);
      rebuild();
      queue.pump(now);
    }
    snapshot(now);
    publishState(state, now);
  }

  private void watchRegion(long now) {
    long current = store.connections();
    if (!store.isOnline()) {
      online = false;
      loading = null;
      return;
    }
    if (current != connection) {
      connection = current;
      online = false;
      loading = store.previous().toCompletableFuture();
      store.capacity().thenAccept(frames -> capacity = frames);
    }
    if (!online && loading != null && loading.isDone()) {
      try {
        RegionStore.Previous previous = loading.join();
        epoch = Math.max(epoch, previous.epoch());
        snapshots.found(previous.chunks());
        online = true;
        stateAt = now - STATE_NANOS;
        rebuild();
      } catch (CompletionException e) {
        log.debug("region: {}", String.valueOf(e.getCause()));
        connection = -1;
      }
      loading = null;
    }
  }

  /** A new epoch with everything that the cache holds, in frames and in a snapshot. */
  private void rebuild() {
    queue.reset();
    announce();
    batch.add(new Stored(keys.get()));
    batch.cut();
    batch.take().forEach(this::enqueue);
    rebuildFrames = queue.size();
  }

  private void snapshot(long now) {
    boolean due =
        snapshotNow
            || snapshots.hasFailed()
            || (changed
                && (now - snapshotAt >= snapshotNanos
                    || queue.place() - snapshotPlace >= capacity / 2));
    boolean pause = snapshotAt != 0 && now - snapshotAt < SNAPSHOT_PAUSE_NANOS;
    if (!due || pause || snapshots.isWriting()) {
      return;
    }
    batch.cut();
    batch.take().forEach(this::enqueue);
    queue.pump(now);
    long[] held = keys.get();
    snapshots.write(epoch, nextSequence - 1, held);
    observer.snapshot(held.length);
    snapshotNow = false;
    changed = false;
    snapshotAt = now;
    snapshotPlace = queue.place();
  }

  private void publishState(ReplicaState given, long now) {
    ReplicaState state = withPosition(given);
    ReplicaState last = lastState;
    boolean news =
        last == null
            || last.healthy() != state.healthy()
            || last.epoch() != state.epoch()
            || last.events() != state.events();
    if (!stateWrite.isDone() || (!news && now - stateAt < STATE_NANOS)) {
      return;
    }
    try {
      stateWrite = store.putState(JSON.writeValueAsBytes(state)).toCompletableFuture();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a replica's state is always JSON", e);
    }
    lastState = state;
    stateAt = now;
  }

  private ReplicaState withPosition(ReplicaState state) {
    return new ReplicaState(
        state.id(),
        state.url(),
        state.models(),
        state.healthy(),
        epoch,
        queue.acknowledged(),
        state.events(),
        state.blockSize(),
        state.cacheTokens(),
        state.running(),
        state.waiting(),
        state.kvUsage());
  }

  /** Takes the replica out of the region. Waits up to {@code millis}. */
  public void leave(long millis) throws InterruptedException {
    if (!store.isOnline()) {
      return;
    }
    try {
      store.removeState().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("replica {}: its state stays until it expires: {}", replica, e.toString());
    }
  }
}
