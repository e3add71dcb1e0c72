package io.kvlane.agent.publish;

import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.LogFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A region whose answers a test gives, or that answers at once. */
final class FakeStore implements RegionStore {
  final List<byte[]> ring = new ArrayList<>();
  final List<CompletableFuture<Long>> adds = new ArrayList<>();
  final List<byte[]> sent = new ArrayList<>();
  final Map<String, byte[]> chunks = new TreeMap<>();
  final List<String> writes = new ArrayList<>();
  final List<byte[]> states = new ArrayList<>();
  Previous previous = new Previous(-1, 0);
  boolean answering = true;
  boolean failingChunks;
  boolean online = true;
  long connections = 1;

  @Override
  public long connections() {
    return connections;
  }

  @Override
  public boolean isOnline() {
    return online;
  }

  @Override
  public CompletionStage<Long> capacity() {
    return CompletableFuture.completedFuture(1_000L);
  }

  @Override
  public CompletionStage<Long> add(byte[] frame) {
    CompletableFuture<Long> placed = new CompletableFuture<>();
    sent.add(frame);
    adds.add(placed);
    if (answering) {
      arrive(adds.size() - 1);
    }
    return placed;
  }

  /** The frame of call {@code i} gets the ring's next place. */
  void arrive(int i) {
    ring.add(sent.get(i));
    adds.get(i).complete(ring.size() - 1L);
  }

  void fail(int i) {
    adds.get(i).completeExceptionally(new IllegalStateException("not now"));
  }

  /** The last bytes of the frames in the ring: tests tell frames apart by them. */
  List<Integer> placed() {
    return ring.stream().map(frame -> (int) frame[frame.length - 1]).toList();
  }

  DeltaFrame frame(int place) {
    try {
      return DeltaFrame.decode(ring.get(place));
    } catch (LogFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public CompletionStage<Previous> previous() {
    return CompletableFuture.completedFuture(previous);
  }

  @Override
  public CompletionStage<?> putChunk(String key, byte[] chunk) {
    if (failingChunks) {
      return CompletableFuture.failedFuture(new IllegalStateException("not now"));
    }
    writes.add(key);
    chunks.put(key, chunk);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> removeChunk(String key) {
    writes.add('-' + key);
    chunks.remove(key);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> putState(byte[] json) {
    states.add(json);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> removeState() {
    states.clear();
    return CompletableFuture.completedFuture(null);
  }
}
