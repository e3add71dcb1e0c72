package io.kvlane.simulator.live.link;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: what its source sends reaches its sink later, in order. Holds at
 * most {@link #MOST_BYTES} and what one read adds; then the source has to wait. Confined to one
 * event loop.
 */
final class DelayLine {
  static final int MOST_BYTES = 8 << 20;

  /** Timers fire up to a millisecond late: half of it early makes the mean right. */
  private static final long TIMER_SLACK_NANOS = 500_000;

  /**
   * Bytes under way.
   *
   * @param data null for the end
   */
  private record Chunk(@Nullable Buffer data, long dueNanos) {}

  private final Vertx vertx;
  private final NetSocket source;
  private final LongSupplier nanoTime;
  private final LongSupplier oneWayNanos;
  private final AtomicLong delivered;
  private final AtomicLong lost;
  private final ArrayDeque<Chunk> underWay = new ArrayDeque<>();
  private @Nullable NetSocket sink;
  private Runnable end = () -> {};
  private long lastDueNanos;
  private long heldBytes;
  private boolean cut;
  private boolean paused;
  private boolean timerSet;

  /**
   * @param oneWayNanos asked for every chunk
   * @param earliestNanos before which nothing arrives
   * @param delivered counts bytes that the sink got
   * @param lost counts bytes that vanished
   */
  DelayLine(
      Vertx vertx,
      NetSocket source,
      LongSupplier nanoTime,
      LongSupplier oneWayNanos,
      long earliestNanos,
      AtomicLong delivered,
      AtomicLong lost) {
    this.vertx = vertx;
    this.source = source;
    this.nanoTime = nanoTime;
    this.oneWayNanos = oneWayNanos;
    this.lastDueNanos = earliestNanos;
    this.delivered = delivered;
    this.lost = lost;
    source.handler(this::enter);
    source.endHandler(ignored -> enter(null));
  }

  /**
   * Begins to deliver.
   *
   * @param end runs when the source's end has arrived
   */
  void deliverTo(NetSocket sink, Runnable end) {
    this.sink = sink;
    this.end = end;
    sink.drainHandler(ignored -> deliver());
    deliver();
  }

  /** From now on everything vanishes, what is under way too. */
  void cut() {
    cut = true;
    lost.addAndGet(heldBytes);
    underWay.clear();
    heldBytes = 0;
    resume();
  }

  private void enter(@Nullable Buffer data) {
    int bytes = data == null ? 0 : data.length();
    if (cut) {
      lost.addAndGet(bytes);
      return;
    }
    long due = nanoTime.getAsLong() + oneWayNanos.getAsLong();
    lastDueNanos = due - lastDueNanos < 0 ? lastDueNanos : due;
    underWay.add(new Chunk(data, lastDueNanos));
    heldBytes += bytes;
    if (heldBytes >= MOST_BYTES && !paused) {
      paused = true;
      source.pause();
    }
    deliver();
  }

  private void deliver() {
    NetSocket to = sink;
    if (to == null) {
      return;
    }
    while (!underWay.isEmpty() && !to.writeQueueFull()) {
      Chunk chunk = underWay.element();
      long wait = chunk.dueNanos() - nanoTime.getAsLong() - TIMER_SLACK_NANOS;
      if (wait > 0) {
        wakeIn(wait);
        return;
      }
      underWay.remove();
      if (chunk.data() == null) {
        end.run();
        return;
      }
      heldBytes -= chunk.data().length();
      delivered.addAndGet(chunk.data().length());
      // A sink that is gone has its own end on the way to the source.
      to.write(chunk.data());
      if (heldBytes <= MOST_BYTES / 2) {
        resume();
      }
    }
  }

  private void wakeIn(long nanos) {
    if (!timerSet) {
      timerSet = true;
      vertx
          .timer(nanos, TimeUnit.NANOSECONDS)
          .onSuccess(
              ignored -> {
                timerSet = false;
                deliver();
              });
    }
  }

  private void resume() {
    if (paused) {
      paused = false;
      source.resume();
    }
  }
}
