package io.kvlane.router.admission;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One request's place: let through, waiting or refused. */
public final class Ticket {
  /** Where a request stands. */
  public enum State {
    ADMITTED,
    QUEUED,
    /** The line is full. */
    REFUSED,
    RELEASED
  }

  private final @Nullable Lane lane;
  private final Executor loop;
  private final Runnable admitted;

  /** Guarded by the lane. */
  volatile State state;

  @Nullable Ticket before;
  @Nullable Ticket behind;

  Ticket(@Nullable Lane lane, Executor loop, Runnable admitted, State state) {
    this.lane = lane;
    this.loop = loop;
    this.admitted = admitted;
    this.state = state;
  }

  public State state() {
    return state;
  }

  /** Gives the place back, or leaves the line. Later calls do nothing. */
  public void release() {
    if (lane == null) {
      state = State.RELEASED;
    } else {
      lane.release(this);
    }
  }

  /** Lets those in front go if replicas have come since; for those who wait, now and then. */
  public void poke() {
    if (lane != null) {
      lane.poke();
    }
  }

  void call() {
    loop.execute(admitted);
  }
}
