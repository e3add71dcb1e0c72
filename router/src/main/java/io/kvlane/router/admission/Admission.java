package io.kvlane.router.admission;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * Lets requests through to the replicas, and has the others wait in a bounded line per model, first
 * come first served. Keeps no time: whoever waits gives up by {@link Ticket#release}. Safe for any
 * thread.
 */
public final class Admission {
  private final ToIntFunction<String> capacity;
  private final int maxLength;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final ConcurrentMap<String, Lane> lanes = new ConcurrentHashMap<>();

  /**
   * @param capacity requests that a model's healthy replicas may run at once; 0 if there are none,
   *     then nobody waits: routing knows what to say
   * @param maxLength requests that may wait per model
   */
  public Admission(ToIntFunction<String> capacity, int maxLength) {
    this.capacity = capacity;
    this.maxLength = maxLength;
  }

  /**
   * Asks for a place for one request. The ticket says how it went; it must be released exactly when
   * the request is over, however it ends.
   *
   * @param loop runs {@code admitted} if the request had to wait and its turn came
   */
  public Ticket enter(String model, Executor loop, Runnable admitted) {
    int limit = capacity.applyAsInt(model);
    Lane lane = lanes.get(model);
    if (lane == null) {
      if (limit <= 0) {
        return new Ticket(null, loop, admitted, Ticket.State.ADMITTED);
      }
      lane = lanes.computeIfAbsent(model, name -> new Lane(this, name));
    }
    return lane.enter(limit, maxLength, loop, admitted);
  }

  int capacity(String model) {
    return capacity.applyAsInt(model);
  }

  void count(int inFlightDelta, int queuedDelta) {
    inFlight.addAndGet(inFlightDelta);
    queued.addAndGet(queuedDelta);
  }

  /** Requests let through and not yet over. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Requests that wait. */
  public int queued() {
    return queued.get();
  }
}
