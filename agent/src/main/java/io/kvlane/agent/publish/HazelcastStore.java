package io.kvlane.agent.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.map.IMap;
import com.hazelcast.ringbuffer.OverflowPolicy;
import com.hazelcast.ringbuffer.Ringbuffer;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link RegionStore} in Hazelcast. A client's proxies can only be made while it is connected. */
final class HazelcastStore implements RegionStore {
  private static final Logger log = LoggerFactory.getLogger(HazelcastStore.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final HazelcastInstance hazelcast;
  private final String replica;
  private final AtomicLong connections = new AtomicLong();
  private volatile boolean online;

  HazelcastStore(HazelcastInstance hazelcast, String replica) {
    this.hazelcast = hazelcast;
    this.replica = replica;
    hazelcast.getLifecycleService().addLifecycleListener(event -> changed(event.getState()));
    if (isConnected()) {
      connected();
    }
  }

  /** A client started without its cluster has no proxies yet; a member always has. */
  private boolean isConnected() {
    try {
      return hazelcast.getLifecycleService().isRunning()
          && !hazelcast.getCluster().getMembers().isEmpty();
    } catch (HazelcastException e) {
      log.debug("not connected: {}", e.toString());
      return false;
    }
  }

  private void changed(LifecycleState state) {
    switch (state) {
      case CLIENT_CONNECTED, CLIENT_CHANGED_CLUSTER -> connected();
      case CLIENT_DISCONNECTED, SHUTTING_DOWN, SHUTDOWN -> online = false;
      default -> log.debug("hazelcast: {}", state);
    }
  }

  private void connected() {
    connections.incrementAndGet();
    online = true;
  }

  @Override
  public long connections() {
    return connections.get();
  }

  @Override
  public boolean isOnline() {
    return online;
  }

  /** Proxies throw at once while the cluster is away: make that a failed stage. */
  private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Ringbuffer<byte[]> ring() {
    return hazelcast.getRingbuffer(LocalityLog.ring(replica));
  }

  private IMap<String, byte[]> snapshots() {
    return hazelcast.getMap(LocalityLog.SNAPSHOTS);
  }

  private IMap<String, String> states() {
    return hazelcast.getMap(LocalityLog.REPLICAS);
  }

  @Override
  public CompletionStage<Long> capacity() {
    // The client has no asynchronous form of this call.
    return CompletableFuture.supplyAsync(() -> ring().capacity());
  }

  @Override
  public CompletionStage<Long> add(byte[] frame) {
    return attempt(() -> ring().addAsync(frame, OverflowPolicy.OVERWRITE));
  }

  @Override
  public CompletionStage<Previous> previous() {
    return attempt(
        () ->
            states()
                .getAsync(replica)
                .thenCombine(
                    snapshots().getAsync(SnapshotChunk.mapKey(replica, KeySpace.TOKENS, 0)),
                    HazelcastStore::previous));
  }

  // Both are null where there is nothing.
  private static Previous previous(@Nullable String state, byte @Nullable [] chunk) {
    long epoch = -1;
    int chunks = 0;
    if (state != null) {
      try {
        epoch = JSON.readValue(state, ReplicaState.class).epoch();
      } catch (IOException e) {
        log.warn("an earlier state of this replica cannot be read: {}", e.getClass().getName());
      }
    }
    if (chunk != null) {
      try {
        SnapshotChunk first = SnapshotChunk.decode(chunk);
        epoch = Math.max(epoch, first.epoch());
        chunks = first.count();
      } catch (LogFormatException e) {
        log.warn("an earlier snapshot of this replica cannot be read: {}", e.getMessage());
      }
    }
    return new Previous(epoch, chunks);
  }

  @Override
  public CompletionStage<?> putChunk(String key, byte[] chunk) {
    return attempt(() -> snapshots().setAsync(key, chunk));
  }

  @Override
  public CompletionStage<?> removeChunk(String key) {
    return attempt(() -> snapshots().deleteAsync(key));
  }

  @Override
  public CompletionStage<?> putState(byte[] json) {
    return attempt(
        () ->
            states()
                .setAsync(
                    replica,
                    new String(json, UTF_8),
                    LocalityLog.REPLICA_TTL_MILLIS,
                    TimeUnit.MILLISECONDS));
  }

  @Override
  public CompletionStage<?> removeState() {
    return attempt(() -> states().deleteAsync(replica));
  }
}
