package io.kvlane.agent.source;

import io.kvlane.agent.event.EventMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do with each message of one publisher: a state machine without sockets and
 * without a clock of its own. Live messages are held back during a replay and applied after it; the
 * other order would resurrect evicted blocks. Whenever the cursor cannot be trusted, a new epoch
 * begins.
 *
 * <p>Not thread-safe. Times are nanoseconds of any monotonic clock.
 */
public final class Follower {

  /** What the caller has to do, in order. */
  public sealed interface Step {}

  /** Apply this message's payload. */
  public record Apply(EventMessage message) implements Step {}

  /** Forget all that was applied. */
  public record NewEpoch(Cause cause) implements Step {}

  /** Drop any replay that is under way and ask for one that begins with {@code from}. */
  public record Replay(long from) implements Step {}

  /** Drop the replay that is under way. */
  public record StopReplay() implements Step {}

  /** Why an epoch ended. */
  public enum Cause {
    /** The publisher's sequence fell back. */
    RESTART,
    /** Messages are missing, and there is nothing to ask for them. */
    GAP,
    /** A replay did not answer, or not to its end, in time. */
    REPLAY_SILENT,
    /** A replay began later than asked: what was asked for is gone. */
    REPLAY_LATE,
    /** A replay left out a message. */
    REPLAY_HOLE,
    /** More live messages came during a replay than can be held. */
    REPLAY_OVERRUN,
    /** The connection to the engine was lost. */
    DISCONNECTED,
    /** The engine's HTTP side was away or says that it was started anew. */
    ENGINE_RESTARTED,
    /** Every block was cleared. */
    CLEARED,
    /** A batch could not be read. */
    UNREADABLE,
    /** The model or the block size changed. */
    RESHAPED,
    /** More blocks were stored than the engine can hold. */
    OVERFLOW,
    /** Frames may not have reached the region's Hazelcast. */
    PUBLISHING;

    /** The cause as a metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Limits.
   *
   * @param replay whether the publisher has a replay socket
   * @param silenceNanos how long a replay may say nothing
   * @param replayNanos how long a replay may take as a whole
   * @param maxHeld messages held back during a replay
   * @param maxHeldBytes their payloads, in bytes
   */
  public record Limits(
      boolean replay, long silenceNanos, long replayNanos, int maxHeld, long maxHeldBytes) {

    public static Limits standard(boolean replay) {
      return new Limits(replay, 2_000_000_000L, 20_000_000_000L, 20_000, 64L << 20);
    }
  }

  private static final long NONE = -1;

  private final Limits limits;
  private final Deque<EventMessage> held = new ArrayDeque<>();
  private long heldBytes;

  /** The last sequence applied, or {@link #NONE}. */
  private long cursor = NONE;

  private boolean replaying;

  /** Whether the replay under way fills an epoch that holds nothing yet. */
  private boolean fromScratch;

  private boolean replayBegan;
  private long replayStarted;
  private long lastReply;

  public Follower(Limits limits) {
    this.limits = limits;
  }

  /** Subscribed, or subscribed again: whatever there is to replay comes first. */
  public List<Step> start(long now) {
    List<Step> steps = new ArrayList<>();
    cursor = NONE;
    if (limits.replay()) {
      beginReplay(0, true, now, steps);
    }
    return steps;
  }

  /** The cursor is worth nothing any more: the engine is away, or another than before. */
  public List<Step> distrust(Cause cause) {
    List<Step> steps = forget();
    steps.add(new NewEpoch(cause));
    return steps;
  }

  /** As {@link #distrust}, where the caller has made what was applied void already. */
  public List<Step> forget() {
    List<Step> steps = new ArrayList<>();
    if (replaying) {
      steps.add(new StopReplay());
    }
    replaying = false;
    dropHeld();
    cursor = NONE;
    return steps;
  }

  /** A live message came. */
  public List<Step> live(EventMessage message, long now) {
    List<Step> steps = new ArrayList<>();
    if (replaying) {
      hold(message, now, steps);
    } else if (cursor == NONE || message.sequence() == cursor + 1) {
      apply(message, steps);
    } else if (message.sequence() <= cursor) {
      restart(message, now, steps);
    } else if (limits.replay()) {
      beginReplay(cursor + 1, false, now, steps);
      hold(message, now, steps);
    } else {
      steps.add(new NewEpoch(Cause.GAP));
      apply(message, steps);
    }
    return steps;
  }

  /** A message of the replay came, its end marker included. */
  public List<Step> reply(EventMessage message, long now) {
    List<Step> steps = new ArrayList<>();
    if (!replaying) {
      return steps;
    }
    lastReply = now;
    if (message.isEnd()) {
      endReplay(null, steps);
    } else if (message.sequence() > cursor) {
      boolean next = message.sequence() == cursor + 1 || (fromScratch && !replayBegan);
      if (!next) {
        steps.add(new NewEpoch(replayBegan ? Cause.REPLAY_HOLE : Cause.REPLAY_LATE));
      }
      replayBegan = true;
      apply(message, steps);
    }
    return steps;
  }

  /** To be called often: notices a replay that does not end. */
  public List<Step> tick(long now) {
    List<Step> steps = new ArrayList<>();
    if (replaying
        && (now - lastReply >= limits.silenceNanos()
            || now - replayStarted >= limits.replayNanos())) {
      endReplay(Cause.REPLAY_SILENT, steps);
    }
    return steps;
  }

  /** Whether live messages are being held back. */
  public boolean isReplaying() {
    return replaying;
  }

  private void apply(EventMessage message, List<Step> steps) {
    cursor = message.sequence();
    steps.add(new Apply(message));
  }

  private void beginReplay(long from, boolean scratch, long now, List<Step> steps) {
    replaying = true;
    fromScratch = scratch;
    replayBegan = false;
    replayStarted = now;
    lastReply = now;
    steps.add(new Replay(from));
  }

  /** The old entries go at once; what the new life published before is asked for. */
  private void restart(EventMessage message, long now, List<Step> steps) {
    steps.add(new NewEpoch(Cause.RESTART));
    cursor = NONE;
    if (limits.replay() && message.sequence() > 0) {
      beginReplay(0, true, now, steps);
      hold(message, now, steps);
    } else {
      apply(message, steps);
    }
  }

  private void hold(EventMessage message, long now, List<Step> steps) {
    EventMessage last = held.peekLast();
    if (last != null && message.sequence() <= last.sequence()) {
      steps.add(new StopReplay());
      replaying = false;
      dropHeld();
      restart(message, now, steps);
      return;
    }
    held.addLast(message);
    heldBytes += message.payload().length;
    if (held.size() > limits.maxHeld() || heldBytes > limits.maxHeldBytes()) {
      endReplay(Cause.REPLAY_OVERRUN, steps);
    }
  }

  /** Applies what was held; a gap that the replay did not close stays open for good. */
  private void endReplay(@Nullable Cause failure, List<Step> steps) {
    replaying = false;
    if (failure != null) {
      steps.add(new StopReplay());
      steps.add(new NewEpoch(failure));
      cursor = NONE;
    }
    for (EventMessage message : held) {
      if (cursor == NONE || message.sequence() == cursor + 1) {
        apply(message, steps);
      } else if (message.sequence() > cursor) {
        steps.add(new NewEpoch(Cause.REPLAY_HOLE));
        apply(message, steps);
      }
    }
    dropHeld();
  }

  private void dropHeld() {
    held.clear();
    heldBytes = 0;
  }
}
