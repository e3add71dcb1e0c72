package io.kvlane.agent.publish;

import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes snapshots, one at a time, chunk after chunk. Used by one thread. */
final class SnapshotWriter {
  private static final Logger log = LoggerFactory.getLogger(SnapshotWriter.class);

  private final RegionStore store;
  private final String replica;

  /** Chunks that may lie in the region, of whatever snapshot. */
  private int written;

  /** Chunks of the last snapshot, 0 if others may lie behind them even if it was written whole. */
  private int lastCount;

  private CompletableFuture<Boolean> writing = CompletableFuture.completedFuture(true);

  SnapshotWriter(RegionStore store, String replica) {
    this.store = store;
    this.replica = replica;
  }

  /** What an earlier run left, to be cleared away. */
  void found(int chunks) {
    written = Math.max(written, chunks);
    lastCount = 0;
  }

  boolean isWriting() {
    return !writing.isDone();
  }

  /** Whether the last snapshot could not be written whole. */
  boolean hasFailed() {
    return writing.isDone() && !writing.join();
  }

  /** Writes what the replica holds after frame {@code sequence}; chunk 0 closes it. */
  void write(long epoch, long sequence, long[] keys) {
    if (lastCount > 0 && writing.join()) {
      written = lastCount;
    }
    int count = Math.max(1, Math.ceilDiv(keys.length, SnapshotChunk.MAX_KEYS));
    CompletionStage<?> last = CompletableFuture.completedFuture(null);
    for (int i = count - 1; i >= 0; i--) {
      int from = i * SnapshotChunk.MAX_KEYS;
      int to = Math.min(keys.length, from + SnapshotChunk.MAX_KEYS);
      long[] part = Arrays.copyOfRange(keys, from, to);
      SnapshotChunk chunk =
          new SnapshotChunk(replica, KeySpace.TOKENS, epoch, sequence, i, count, part);
      String key = SnapshotChunk.mapKey(replica, KeySpace.TOKENS, i);
      last = last.thenCompose(_ -> store.putChunk(key, chunk.encode()));
    }
    for (int i = count; i < written; i++) {
      String key = SnapshotChunk.mapKey(replica, KeySpace.TOKENS, i);
      last = last.thenCompose(_ -> store.removeChunk(key));
    }
    written = Math.max(written, count);
    lastCount = count;
    writing =
        last.<Boolean>handle(
                (_, failure) -> {
                  if (failure != null) {
                    log.warn("snapshot {} of epoch {}: {}", sequence, epoch, failure.toString());
                  }
                  return failure == null;
                })
            .toCompletableFuture();
  }
}
