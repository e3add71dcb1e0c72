package io.kvlane.router.routing;

import java.util.function.LongSupplier;

/**
 * Keeps requests from a replica that fails. Closed until {@link #FAILURES} attempts in a row have
 * failed; then open for a second; after it, one request at a time may probe. A probe that fails
 * opens it again, for twice the time, up to a limit; one success closes it. Errors of clients never
 * count.
 *
 * <p>Safe for any thread.
 */
final class Breaker {
  static final int FAILURES = 3;
  private static final long MIN_OPEN_NANOS = 1_000_000_000L;

  private final LongSupplier nanos;
  private final long maxOpenNanos;
  private int failures;
  private long openNanos;
  private long openUntil;
  private long probedAt;

  /**
   * @param maxOpenNanos longest time between probes, at least a second
   */
  Breaker(LongSupplier nanos, long maxOpenNanos) {
    this.nanos = nanos;
    this.maxOpenNanos = maxOpenNanos;
  }

  /** Whether a request may go there now. While half open, at most one a second. */
  synchronized boolean admits() {
    if (openNanos == 0) {
      return true;
    }
    long now = nanos.getAsLong();
    return !open(now) && now - probedAt >= MIN_OPEN_NANOS;
  }

  /** A request goes there. */
  synchronized void dispatched() {
    if (openNanos > 0) {
      probedAt = nanos.getAsLong();
    }
  }

  /** There is reason to think that it is well again: the next request may probe at once. */
  synchronized void retry() {
    openUntil = nanos.getAsLong();
    probedAt = openUntil - MIN_OPEN_NANOS;
  }

  synchronized void succeeded() {
    failures = 0;
    openNanos = 0;
  }

  synchronized void failed() {
    failures++;
    long now = nanos.getAsLong();
    // Who fails while it is open was sent before: a replica with many requests would stay out for
    // long because all of them failed once.
    if (failures >= FAILURES && !open(now)) {
      openNanos = openNanos == 0 ? MIN_OPEN_NANOS : Math.min(2 * openNanos, maxOpenNanos);
      openUntil = now + openNanos;
    }
  }

  /** Whether it keeps all requests away: open, and not half open yet. */
  private boolean open(long now) {
    return openNanos > 0 && now - openUntil < 0;
  }
}
