package io.kvlane.router.telemetry;

import java.util.concurrent.TimeUnit;

/**
 * When a request passed which point of its way through the router, on a monotonic clock in
 * nanoseconds. A point that was not reached is at 0. Used on the request's event loop.
 */
@SuppressWarnings("EnumOrdinal") // a point is its place on the way
public final class Timeline {
  /** Points in the order in which they are passed. */
  public enum Point {
    /** The request's head had come. */
    CAME,
    /** Its body was complete. */
    BODY,
    /** Its body was understood, and its policy found. */
    SCANNED,
    /** It was let through to routing. */
    ADMITTED,
    /** Its token ids were known, or not asked for. */
    TOKENIZED,
    /** A place was chosen. */
    DECIDED,
    /** The attempt that was answered, or the last one, began. */
    DISPATCHED,
    /** The answer's first byte had come. */
    FIRST_BYTE,
    /** Nothing more is to come. */
    COMPLETE
  }

  private static final Point[] POINTS = Point.values();

  private final long[] at = new long[POINTS.length];

  /** Passes a point; again, if it was passed before. */
  public void pass(Point point, long nanos) {
    at[point.ordinal()] = nanos;
  }

  public boolean passed(Point point) {
    return at[point.ordinal()] != 0;
  }

  /** When a point was passed, or else the last one before it. */
  public long at(Point point) {
    int i = point.ordinal();
    while (i > 0 && at[i] == 0) {
      i--;
    }
    return at[i];
  }

  /** From one point to another, nanoseconds; 0 if the later one was not reached. */
  public long between(Point from, Point to) {
    return passed(to) ? Math.max(0, at(to) - at(from)) : 0;
  }

  /**
   * Where the time until the first byte went, milliseconds: {@code body} to receive the request,
   * {@code queue} for admission, {@code tokenize}, {@code decide}, {@code failover} on attempts
   * that failed, {@code upstream} from the last dispatch to the first byte. Behind the region's
   * name, since another region's router may have said the same of itself.
   *
   * @see <a href="https://www.w3.org/TR/server-timing/">Server Timing</a>
   */
  public String serverTiming(String region) {
    var text = new StringBuilder(192);
    add(text, region + ".body", between(Point.CAME, Point.BODY));
    add(text, region + ".queue", between(Point.BODY, Point.ADMITTED));
    add(text, region + ".tokenize", between(Point.ADMITTED, Point.TOKENIZED));
    add(text, region + ".decide", between(Point.TOKENIZED, Point.DECIDED));
    add(text, region + ".failover", between(Point.DECIDED, Point.DISPATCHED));
    add(text, region + ".upstream", between(Point.DISPATCHED, Point.FIRST_BYTE));
    return text.toString();
  }

  /** Three decimals, without the cost of a formatter. */
  private static void add(StringBuilder text, String name, long nanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
    if (!text.isEmpty()) {
      text.append(", ");
    }
    text.append(name).append(";dur=").append(micros / 1000).append('.');
    long rest = micros % 1000;
    if (rest < 100) {
      text.append(rest < 10 ? "00" : "0");
    }
    text.append(rest);
  }
}
