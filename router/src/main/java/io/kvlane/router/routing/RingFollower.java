package io.kvlane.router.routing;

import com.hazelcast.ringbuffer.ReadResultSet;
import com.hazelcast.ringbuffer.Ringbuffer;
import com.hazelcast.ringbuffer.StaleSequenceException;
import io.kvlane.locality.log.LogFormatException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rings to their end and waits for more, one thread folding what comes. What cannot be read
 * is counted and skipped: the items' own sequence numbers show that something is missing.
 */
final class RingFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RingFollower.class);
  private static final int BATCH = 256;
  private static final long RETRY_MILLIS = 200;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Takes an item. */
  interface Sink {
    void accept(byte[] bytes, long sequence) throws LogFormatException;
  }

  private final ScheduledExecutorService thread;
  private final MapMetrics metrics;
  private volatile boolean closed;

  // Of the thread that folds.
  private boolean told;
  private long toldAt;

  /**
   * @param thread that folds
   */
  RingFollower(ScheduledExecutorService thread, MapMetrics metrics) {
    this.thread = thread;
    this.metrics = metrics;
  }

  void follow(Ringbuffer<byte[]> ring, long from, Sink sink) {
    var _ =
        ring.readManyAsync(from, 1, BATCH, null)
            .whenCompleteAsync(
                (items, error) -> {
                  if (closed) {
                    return;
                  }
                  if (error == null) {
                    fold(ring, items, sink);
                    follow(ring, items.getNextSequenceToReadFrom(), sink);
                  } else {
                    retry(ring, from, sink, error);
                  }
                },
                thread);
  }

  private void fold(Ringbuffer<byte[]> ring, ReadResultSet<byte[]> items, Sink sink) {
    for (int i = 0; i < items.size(); i++) {
      try {
        sink.accept(items.get(i), items.getSequence(i));
      } catch (LogFormatException e) {
        metrics.damaged();
        tell(ring.getName(), items.getSequence(i), e);
      }
    }
  }

  /** A writer of another version sends hundreds a second: its first tells all. */
  private void tell(String ring, long sequence, LogFormatException e) {
    long now = System.nanoTime();
    if (!told || now - toldAt > TELL_NANOS) {
      told = true;
      toldAt = now;
      log.warn("Skipped item {} of {}: {}", sequence, ring, e.getMessage());
    }
  }

  /**
   * The reader was overtaken, or the ring was lost with its members and began anew: both go on at
   * what there is.
   */
  private void retry(Ringbuffer<byte[]> ring, long from, Sink sink, Throwable error) {
    boolean moved =
        error instanceof StaleSequenceException || error instanceof IllegalArgumentException;
    if (!moved) {
      log.warn("Reading {} failed, trying again: {}", ring.getName(), error.toString());
    }
    var _ =
        thread.schedule(
            () -> {
              try {
                follow(ring, moved ? ring.headSequence() : from, sink);
              } catch (RuntimeException e) {
                retry(ring, from, sink, e);
              }
            },
            moved ? 0 : RETRY_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /** Reads no more; the thread stays the caller's. */
  @Override
  public void close() {
    closed = true;
  }
}
