package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one request. Told by the event loop that serves it, read by any thread. It holds
 * numbers and names; words are made of them when somebody asks. Once its request is over the ring
 * has it as a record.
 */
public final class Entry {
  private final Ring ring;
  private final long arrivedMillis;
  private final long arrivedNanos;
  private final long number;
  private @Nullable Live live;
  private long record;

  // The ring's list of those that are under way; the ring's lock guards them.
  @Nullable Entry older;
  @Nullable Entry newer;

  /** What changes while the request is under way. */
  private static final class Live {
    final Subject subject;
    final long[] micros = new long[Point.values().length];
    final List<Tried> attempts = new ArrayList<>(1);
    @Nullable Reasons reasons;
    State state = State.OPEN;
    String word = "none";
    String error = "";
    int status;
    Route.Usage usage = Route.Usage.UNKNOWN;
    boolean over;

    Live(Subject subject) {
      this.subject = subject;
      Arrays.fill(micros, -1);
    }

    void passed(Point point, long nowNanos) {
      if (micros[point.place] < 0) {
        micros[point.place] = (nowNanos - subject.arrivedNanos()) / 1_000;
      }
    }
  }

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

  /**
   * All of it at one moment.
   *
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
    this.arrivedMillis = arrivedMillis;
    arrivedNanos = subject.arrivedNanos();
    number = ring.number();
    live = new Live(subject);
  }

  long number() {
    return number;
  }

  /** It has come there. Only the first time counts. */
  public synchronized void passed(Point point, long nowNanos) {
    Live now = live;
    if (now != null) {
      now.passed(point, nowNanos);
    }
  }

  /**
   * It is known where it goes.
   *
   * @return the same route, watched
   */
  public Route decided(Route route, long nowNanos) {
    synchronized (this) {
      Live now = live;
      if (now != null) {
        now.reasons = route.reasons();
        now.word = route.decision();
        now.passed(Point.DECIDED, nowNanos);
        ring.open(this);
      }
    }
    return new WatchedRoute(route, this, System::nanoTime);
  }

  /** The client is told an error. If it was sent somewhere, {@link #over} follows. */
  public synchronized void refused(int status, String error, @Nullable Reasons why, long nowNanos) {
    Live now = live;
    if (now == null) {
      return;
    }
    now.status = status;
    now.error = error;
    if (why != null) {
      now.reasons = why;
    }
    now.passed(Point.COMPLETE, nowNanos);
    if (!now.attempts.isEmpty()) {
      now.state = State.FAILED;
      return;
    }
    now.state = State.REFUSED;
    end(now);
  }

  /** An answer begins. */
  public synchronized void began(int status, String word, long nowNanos) {
    Live now = live;
    if (now != null) {
      now.status = status;
      now.word = word;
      now.passed(Point.FIRST_BYTE, nowNanos);
    }
  }

  /** The answer broke off; {@link #over} follows. */
  public synchronized void broke(int status, String error) {
    Live now = live;
    if (now != null) {
      now.status = status;
      now.error = error;
      now.state = State.FAILED;
    }
  }

  /** The client has left. If the request was sent somewhere, {@link #over} follows. */
  public synchronized void left(long nowNanos) {
    Live now = live;
    if (now == null || now.state != State.OPEN) {
      return;
    }
    now.state = State.LEFT;
    now.passed(Point.COMPLETE, nowNanos);
    if (now.attempts.isEmpty()) {
      end(now);
    }
  }

  /** All attempts have ended, and nothing more is to come. {@link #file} is to follow soon. */
  public synchronized void over(Route.Usage usage, long nowNanos) {
    Live now = live;
    if (now == null || now.over) {
      return;
    }
    now.usage = usage;
    if (now.state == State.OPEN) {
      now.state = State.ANSWERED;
    }
    now.passed(Point.COMPLETE, nowNanos);
    now.over = true;
  }

  /** The ring takes what is over as a record. */
  public synchronized void file() {
    Live now = live;
    if (now != null && now.over) {
      end(now);
    }
  }

  private void end(Live last) {
    record = ring.end(this, Packed.write(seen(last)));
    live = null;
  }

  /** An attempt begins; its number. */
  synchronized int attempt(String region, String replica, int cachedTokens, long nowNanos) {
    Live now = live;
    if (now == null) {
      return -1;
    }
    now.passed(Point.DISPATCHED, nowNanos);
    long from = (nowNanos - arrivedNanos) / 1_000;
    now.attempts.add(new Tried(region, replica, cachedTokens, "open", from, -1));
    return now.attempts.size() - 1;
  }

  /** That attempt has ended. */
  synchronized void attempted(int number, String outcome, long nowNanos) {
    Live now = live;
    if (now == null || number < 0) {
      return;
    }
    Tried tried = now.attempts.get(number);
    double millis = ((nowNanos - arrivedNanos) / 1_000 - tried.fromMicros()) / 1e3;
    now.attempts.set(
        number,
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
      Live now = live;
      if (now != null) {
        return Optional.of(seen(now));
      }
      ended = record;
    }
    return ring.read(ended);
  }

  private Seen seen(Live now) {
    return new Seen(
        now.subject,
        arrivedMillis,
        number,
        now.micros.clone(),
        List.copyOf(now.attempts),
        now.reasons,
        0,
        now.state,
        now.word,
        now.error,
        now.status,
        now.usage);
  }
}
