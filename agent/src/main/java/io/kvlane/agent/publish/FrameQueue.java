package io.kvlane.agent.publish;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends frames in order, several in flight. A frame that failed is sent again, in its place, if no
 * later one has arrived; otherwise the order is lost and the queue {@linkplain #isBroken broken}.
 * Used by one thread.
 */
final class FrameQueue {
  private static final Logger log = LoggerFactory.getLogger(FrameQueue.class);

  /** More than this are slower with every client that does the same. */
  static final int MAX_IN_FLIGHT = 64;

  static final int MAX_ATTEMPTS = 5;
  private static final long RETRY_NANOS = 50_000_000;

  private static final class Frame {
    final long epoch;
    final long sequence;
    final byte[] bytes;
    boolean settled;
    long place = -1;

    Frame(long epoch, long sequence, byte[] bytes) {
      this.epoch = epoch;
      this.sequence = sequence;
      this.bytes = bytes;
    }
  }

  private record Settled(Frame frame, @Nullable Long place, @Nullable Throwable failure) {}

  private final RegionStore store;
  private final Deque<Frame> waiting = new ArrayDeque<>();
  private final Deque<Frame> inFlight = new ArrayDeque<>();
  private Queue<Settled> settled = new ConcurrentLinkedQueue<>();
  private long epoch;
  private long acknowledged = -1;
  private long place = -1;
  private int attempts;
  private long retryAt;
  private boolean failing;
  private boolean broken;

  FrameQueue(RegionStore store) {
    this.store = store;
  }

  /** Forgets what was to be sent, and begins a new count. Late answers reach nobody. */
  void reset() {
    waiting.clear();
    inFlight.clear();
    settled = new ConcurrentLinkedQueue<>();
    acknowledged = -1;
    place = -1;
    attempts = 0;
    failing = false;
    broken = false;
  }

  /** Begins a new count behind what is already on its way; what still waits is void. */
  void newEpoch(long number) {
    waiting.clear();
    epoch = number;
    acknowledged = -1;
  }

  void add(long sequence, byte[] bytes) {
    waiting.addLast(new Frame(epoch, sequence, bytes));
  }

  /** Whether frames may have been lost or come in the wrong order. */
  boolean isBroken() {
    return broken;
  }

  /** The last sequence of which all before have arrived, -1 for none. */
  long acknowledged() {
    return acknowledged;
  }

  /** The place of the last frame in the ring, -1 for none. */
  long place() {
    return place;
  }

  int size() {
    return waiting.size() + inFlight.size();
  }

  void pump(long now) {
    for (Settled result = settled.poll(); result != null; result = settled.poll()) {
      settle(result);
    }
    while (!inFlight.isEmpty() && inFlight.getFirst().place >= 0) {
      Frame frame = inFlight.removeFirst();
      // A ring that counts from its beginning again was lost with its cluster.
      broken |= frame.place <= place;
      place = frame.place;
      acknowledged = frame.epoch == epoch ? frame.sequence : acknowledged;
      attempts = 0;
    }
    if (failing && inFlight.stream().allMatch(frame -> frame.settled)) {
      retry(now);
    }
    while (!failing
        && !broken
        && (attempts == 0 || now - retryAt >= 0)
        && inFlight.size() < MAX_IN_FLIGHT
        && !waiting.isEmpty()) {
      send(waiting.removeFirst());
    }
  }

  private void send(Frame frame) {
    inFlight.addLast(frame);
    Queue<Settled> results = settled;
    store
        .add(frame.bytes)
        .whenComplete((placed, failure) -> results.add(new Settled(frame, placed, failure)));
  }

  private void settle(Settled result) {
    result.frame().settled = true;
    Long placed = result.place();
    if (result.failure() == null && placed != null) {
      result.frame().place = placed;
    } else {
      log.debug("frame {}: {}", result.frame().sequence, String.valueOf(result.failure()));
      failing = true;
    }
  }

  private void retry(long now) {
    failing = false;
    boolean overtaken = inFlight.stream().anyMatch(frame -> frame.place >= 0);
    if (overtaken || ++attempts > MAX_ATTEMPTS) {
      broken = true;
      return;
    }
    for (Iterator<Frame> last = inFlight.descendingIterator(); last.hasNext(); ) {
      Frame frame = last.next();
      frame.settled = false;
      waiting.addFirst(frame);
    }
    inFlight.clear();
    retryAt = now + attempts * RETRY_NANOS;
  }
}
