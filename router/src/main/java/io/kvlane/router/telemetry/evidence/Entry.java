package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.Timeline;
import io.kvlane.router.telemetry.Timeline.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one request. Told by the event loop that serves it, read by any thread. It holds
 * numbers and names; words are made of them when somebody asks. Once its request is over the ring
 * has it as a record.
 */
public final class Entry {
  /** Points of the way that are kept; where it was first dispatched, the attempts tell. */
  static final List<Point> KEPT =
      List.of(
          Point.BODY,
          Point.SCANNED,
          Point.ADMITTED,
          Point.DECIDED,
          Point.DISPATCHED,
          Point.FIRST_BYTE,
          Point.COMPLETE);

  private final Ring ring;
  private final Subject subject;

  // The loop passes points without a lock: who looks at a request under way may see the last one
  // a moment late.
  private final Timeline way;
  private final long arrivedMillis;
  private final long number;
  private final List<Tried> attempts = new ArrayList<>(1);
  private @Nullable Reasons reasons;
  private State state = State.OPEN;
  private String word = "none";
  private String error = "";
  private int status;
  private Route.Usage usage = Route.Usage.UNKNOWN;
  private boolean over;

  /** What the ring has it as; 0 while its request is under way. */
  private long record;

  // The ring's list of those that are under way; the ring's lock guards them.
  @Nullable Entry older;
  @Nullable Entry newer;

  /** What became of it. */
  public enum State {
    /** It is under way. */
    OPEN,
    /** The client has a whole answer; an engine's error is one too. */
    ANSWERED,
    /** No answer was had, or it broke off. */
    FAILED,
    /** It was not sent anywhere. */
    REFUSED,
    /** The client left before the end. */
    LEFT
  }

  /**
   * An attempt.
   *
   * @param region another one, empty for this
   * @param replica empty if another region chose it
   * @param outcome {@code open} while it is under way
   * @param fromMicros from the request's arrival
   * @param millis -1 while it is under way
   */
  record Tried(
      String region,
      String replica,
      int cachedTokens,
      String outcome,
      long fromMicros,
      double millis) {}

  /**
   * All of it at one moment.
   *
   * @param micros from its arrival to each of {@link #KEPT}, -1 if it has not come there
   * @param leftOut candidates that {@code reasons} had and are not kept
   */
  record Seen(
      Subject subject,
      long arrivedMillis,
      long number,
      long[] micros,
      List<Tried> attempts,
      @Nullable Reasons reasons,
      int leftOut,
      State state,
      String word,
      String error,
      int status,
      Route.Usage usage) {
    /** Milliseconds from arrival, -1 if it has not come there. */
    double millis(Point point) {
      long at = micros[KEPT.indexOf(point)];
      return at < 0 ? -1 : at / 1e3;
    }

    /** Its features; null if it is not a client's of this region, or nothing was decided. */
    @Nullable Recorded recorded(String router) {
      Reasons why = reasons;
      if (subject.forwarded() || why == null) {
        return null;
      }
      int prompt = usage.promptTokens() > 0 ? usage.promptTokens() : why.features().promptTokens();
      return new Recorded(
          subject.requestId(),
          router,
          arrivedMillis,
          subject.tenant(),
          subject.model(),
          subject.path(),
          subject.headers(),
          subject.regions(),
          Math.max(1, prompt),
          Math.max(1, usage.outputTokens()),
          why.features().blockTokens(),
          why.features().chain());
    }

    /** The last attempt, null if there was none. */
    @Nullable Tried last() {
      return attempts.isEmpty() ? null : attempts.getLast();
    }
  }

  Entry(Ring ring, Subject subject, Timeline way, long arrivedMillis) {
    this.ring = ring;
    this.subject = subject;
    this.way = way;
    this.arrivedMillis = arrivedMillis;
    number = ring.number();
  }

  /**
   * It is known where it goes.
   *
   * @return the same route, watched
   */
  public Route decided(Route route) {
    synchronized (this) {
      if (record == 0) {
        reasons = route.reasons();
        word = route.decision();
        ring.open(this);
      }
    }
    return new WatchedRoute(route, this, System::nanoTime);
  }

  /** The client is told an error. If it was sent somewhere, {@link #over} follows. */
  public synchronized void refused(int answer, String cause, @Nullable Reasons why) {
    if (record > 0) {
      return;
    }
    status = answer;
    error = cause;
    if (why != null) {
      reasons = why;
    }
    if (attempts.isEmpty()) {
      state = State.REFUSED;
      end();
    } else {
      state = State.FAILED;
    }
  }

  /** An answer begins. */
  public synchronized void began(int answer, String decision) {
    if (record == 0) {
      status = answer;
      word = decision;
    }
  }

  /** The answer broke off; {@link #over} follows. */
  public synchronized void broke(int answer, String cause) {
    if (record == 0) {
      status = answer;
      error = cause;
      state = State.FAILED;
    }
  }

  /** The client has left. If the request was sent somewhere, {@link #over} follows. */
  public synchronized void left() {
    if (record > 0 || state != State.OPEN) {
      return;
    }
    state = State.LEFT;
    if (attempts.isEmpty()) {
      end();
    }
  }

  /** All attempts have ended, and nothing more is to come. {@link #file} is to follow soon. */
  public synchronized void over(Route.Usage reported) {
    if (record > 0 || over) {
      return;
    }
    usage = reported;
    if (state == State.OPEN) {
      state = State.ANSWERED;
    }
    over = true;
  }

  /** The ring takes what is over as a record. */
  public synchronized void file() {
    if (record == 0 && over) {
      end();
    }
  }

  private void end() {
    record = ring.end(this, Packed.write(seen(attempts)));
  }

  /** An attempt begins; its number. */
  synchronized int attempt(String region, String replica, int cachedTokens, long nowNanos) {
    if (record > 0) {
      return -1;
    }
    attempts.add(new Tried(region, replica, cachedTokens, "open", micros(nowNanos), -1));
    return attempts.size() - 1;
  }

  /** That attempt has ended. */
  synchronized void attempted(int which, String outcome, long nowNanos) {
    if (record > 0 || which < 0) {
      return;
    }
    Tried tried = attempts.get(which);
    double millis = (micros(nowNanos) - tried.fromMicros()) / 1e3;
    attempts.set(
        which,
        new Tried(
            tried.region(),
            tried.replica(),
            tried.cachedTokens(),
            outcome,
            tried.fromMicros(),
            millis));
  }

  /** As it is; empty if it is over and had to make room. */
  Optional<Seen> seen() {
    long ended;
    synchronized (this) {
      if (record == 0) {
        return Optional.of(seen(List.copyOf(attempts)));
      }
      ended = record;
    }
    return ring.read(ended);
  }

  private Seen seen(List<Tried> tried) {
    long[] micros = new long[KEPT.size()];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = passed(KEPT.get(i));
    }
    return new Seen(
        subject,
        arrivedMillis,
        number,
        micros,
        tried,
        reasons,
        0,
        state,
        word,
        error,
        status,
        usage);
  }

  private long passed(Point point) {
    if (point == Point.DISPATCHED) {
      return attempts.isEmpty() ? -1 : attempts.getFirst().fromMicros();
    }
    return way.passed(point) ? micros(way.at(point)) : -1;
  }

  private long micros(long nanos) {
    return (nanos - way.at(Point.CAME)) / 1_000;
  }
}
