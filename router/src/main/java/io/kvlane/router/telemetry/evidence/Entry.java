package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one request. Told by the event loop that serves it, read by any thread. It holds
 * numbers and names; words are made of them when somebody asks.
 */
public final class Entry {
  private static final int BYTES = 600;

  private final Ring ring;
  private final Subject subject;
  private final long arrivedMillis;
  private final long[] micros = new long[Point.values().length];
  private final List<Tried> attempts = new ArrayList<>(1);
  private @Nullable Reasons reasons;
  private State state = State.OPEN;
  private String word = "none";
  private String error = "";
  private int status;
  private Route.Usage usage = Route.Usage.UNKNOWN;

  // The ring's, under its lock.
  long number;
  long ended;
  int bytes;

  /** Where a request was on its way. */
  public enum Point {
    /** Its body is complete. */
    BODY(0),
    /** Its body is understood, and its policy found. */
    SCANNED(1),
    /** It waits for nobody any more. */
    ADMITTED(2),
    /** It is known where it goes. */
    DECIDED(3),
    /** It went to a replica, or to another region, for the first time. */
    DISPATCHED(4),
    /** The answer begins. */
    FIRST_BYTE(5),
    /** Nothing more is to come. */
    COMPLETE(6);

    private final int place;

    Point(int place) {
      this.place = place;
    }
  }

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

  /** All of it at one moment. */
  record Seen(
      Subject subject,
      long arrivedMillis,
      long number,
      long[] micros,
      List<Tried> attempts,
      @Nullable Reasons reasons,
      State state,
      String word,
      String error,
      int status,
      Route.Usage usage) {
    /** Milliseconds from arrival, -1 if it has not come there. */
    double millis(Point point) {
      long at = micros[point.place];
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

  Entry(Ring ring, Subject subject, long arrivedMillis) {
    this.ring = ring;
    this.subject = subject;
    this.arrivedMillis = arrivedMillis;
    Arrays.fill(micros, -1);
  }

  /** It has come there. Only the first time counts. */
  public synchronized void passed(Point point, long nowNanos) {
    int i = point.place;
    if (micros[i] < 0) {
      micros[i] = (nowNanos - subject.arrivedNanos()) / 1_000;
    }
  }

  /**
   * It is known where it goes.
   *
   * @return the same route, watched
   */
  public Route decided(Route route, long nowNanos) {
    synchronized (this) {
      reasons = route.reasons();
      word = route.decision();
      passed(Point.DECIDED, nowNanos);
    }
    ring.keep(this, bytes());
    return new WatchedRoute(route, this, System::nanoTime);
  }

  /** It goes nowhere. */
  public void refused(int status, String error, @Nullable Reasons why, long nowNanos) {
    synchronized (this) {
      this.status = status;
      this.error = error;
      if (why != null) {
        reasons = why;
      }
      state = attempts.isEmpty() ? State.REFUSED : State.FAILED;
      passed(Point.COMPLETE, nowNanos);
    }
    ring.end(this, bytes());
  }

  /** An answer begins. */
  public synchronized void began(int status, String word, long nowNanos) {
    this.status = status;
    this.word = word;
    passed(Point.FIRST_BYTE, nowNanos);
  }

  /** The answer broke off. */
  public synchronized void broke(int status, String error) {
    this.status = status;
    this.error = error;
    state = State.FAILED;
  }

  /** Nothing more is to come. */
  public void over(Route.Usage usage, long nowNanos) {
    synchronized (this) {
      this.usage = usage;
      if (state == State.OPEN) {
        state = State.ANSWERED;
      }
      passed(Point.COMPLETE, nowNanos);
    }
    ring.end(this, bytes());
  }

  /** The client has left. Means nothing once it is over. */
  public void left(long nowNanos) {
    synchronized (this) {
      if (state == State.OPEN && micros[Point.COMPLETE.place] < 0) {
        state = State.LEFT;
        passed(Point.COMPLETE, nowNanos);
      }
    }
    ring.end(this, bytes());
  }

  /** An attempt begins; its number. */
  synchronized int attempt(String region, String replica, int cachedTokens, long nowNanos) {
    passed(Point.DISPATCHED, nowNanos);
    long from = (nowNanos - subject.arrivedNanos()) / 1_000;
    attempts.add(new Tried(region, replica, cachedTokens, "open", from, -1));
    return attempts.size() - 1;
  }

  /** That attempt has ended. */
  synchronized void attempted(int number, String outcome, long nowNanos) {
    Tried tried = attempts.get(number);
    double millis = ((nowNanos - subject.arrivedNanos()) / 1_000 - tried.fromMicros()) / 1e3;
    attempts.set(
        number,
        new Tried(
            tried.region(),
            tried.replica(),
            tried.cachedTokens(),
            outcome,
            tried.fromMicros(),
            millis));
  }

  private synchronized int bytes() {
    Reasons why = reasons;
    return BYTES + subject.bytes() + (why == null ? 0 : why.bytes());
  }

  synchronized Seen seen() {
    return new Seen(
        subject,
        arrivedMillis,
        number,
        micros.clone(),
        List.copyOf(attempts),
        reasons,
        state,
        word,
        error,
        status,
        usage);
  }
}
