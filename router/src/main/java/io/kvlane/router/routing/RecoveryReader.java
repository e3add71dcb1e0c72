package io.kvlane.router.routing;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.ringbuffer.ReadResultSet;
import com.hazelcast.ringbuffer.Ringbuffer;
import com.hazelcast.ringbuffer.StaleSequenceException;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reads what Hazelcast still has of one replica: its last snapshot and the frames in its ring. */
final class RecoveryReader {
  private static final int BATCH = 256;
  private static final long LIMIT_SECONDS = 5;

  private final HazelcastInstance hazelcast;
  private final MapMetrics metrics;

  RecoveryReader(HazelcastInstance hazelcast, MapMetrics metrics) {
    this.hazelcast = hazelcast;
    this.metrics = metrics;
  }

  /** Reads; blocks. The result may have holes, which its sequence numbers show. */
  LocalityMap.Recovery read(String replica)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<SnapshotChunk> chunks = chunks(replica, KeySpace.TOKENS);
    List<DeltaFrame> tail = tail(replica);
    if (chunks.isEmpty()) {
      long epoch = tail.stream().mapToLong(DeltaFrame::epoch).max().orElse(Long.MIN_VALUE);
      return new LocalityMap.Recovery(epoch, -1, List.of(), tail);
    }
    SnapshotChunk first = chunks.getFirst();
    long newest = tail.stream().mapToLong(DeltaFrame::epoch).max().orElse(first.epoch());
    if (newest > first.epoch()) {
      return new LocalityMap.Recovery(newest, -1, List.of(), tail);
    }
    return new LocalityMap.Recovery(
        first.epoch(), first.sequence(), chunks.stream().map(SnapshotChunk::keys).toList(), tail);
  }

  /** The chunks of a snapshot in order; none if it is absent, damaged or being replaced. */
  List<SnapshotChunk> chunks(String replica, KeySpace space) {
    IMap<String, byte[]> snapshots = hazelcast.getMap(LocalityLog.SNAPSHOTS);
    List<SnapshotChunk> chunks = new ArrayList<>();
    int count = 1;
    for (int i = 0; i < count; i++) {
      SnapshotChunk chunk = decode(snapshots.get(SnapshotChunk.mapKey(replica, space, i)));
      if (chunk == null) {
        return List.of();
      }
      if (i == 0) {
        count = chunk.count();
      } else if (chunk.epoch() != chunks.getFirst().epoch()
          || chunk.sequence() != chunks.getFirst().sequence()) {
        return List.of();
      }
      chunks.add(chunk);
    }
    return chunks;
  }

  private @Nullable SnapshotChunk decode(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : SnapshotChunk.decode(bytes);
    } catch (LogFormatException e) {
      metrics.damaged();
      return null;
    }
  }

  private List<DeltaFrame> tail(String replica)
      throws InterruptedException, ExecutionException, TimeoutException {
    Ringbuffer<byte[]> ring = hazelcast.getRingbuffer(LocalityLog.ring(replica));
    List<DeltaFrame> frames = new ArrayList<>();
    long end = ring.tailSequence();
    long at = ring.headSequence();
    while (at <= end) {
      try {
        ReadResultSet<byte[]> items =
            ring.readManyAsync(at, 0, BATCH, null)
                .toCompletableFuture()
                .get(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (items.size() == 0) {
          break;
        }
        for (byte[] item : items) {
          add(item, replica, frames);
        }
        at = items.getNextSequenceToReadFrom();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof StaleSequenceException)) {
          throw e;
        }
        at = ring.headSequence();
      }
    }
    return frames;
  }

  private void add(byte[] item, String replica, List<DeltaFrame> frames) {
    try {
      DeltaFrame frame = DeltaFrame.decode(item);
      if (frame.replica().equals(replica)) {
        frames.add(frame);
      }
    } catch (LogFormatException e) {
      metrics.damaged();
    }
  }
}
