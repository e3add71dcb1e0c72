package io.kvlane.locality.decision;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What one router has sent to another region and that region's reports do not show yet. Safe for
 * any thread.
 */
public final class RegionLoad {
  /**
   * What this router sends between two reports counts that often: the other routers decide alike at
   * the same time, and see each other's forwards as late.
   */
  private static final double HERD = 2;

  private final Deque<Forward> forwards = new ArrayDeque<>();

  private record Forward(long atNanos, long uncachedTokens) {}

  /** A request goes there. */
  public synchronized void forwarded(long uncachedTokens, long nowNanos) {
    forwards.add(new Forward(nowNanos, uncachedTokens));
  }

  /**
   * Prefill tokens that wait there and are not in the last report.
   *
   * @param shownNanos what was sent before is in the report
   */
  public synchronized double unseenTokens(long shownNanos) {
    forget(shownNanos);
    double tokens = 0;
    for (Forward forward : forwards) {
      tokens += forward.uncachedTokens;
    }
    return HERD * tokens;
  }

  /**
   * Requests that were sent there and are not in the last report.
   *
   * @param shownNanos what was sent before is in the report
   */
  public synchronized double unseenRequests(long shownNanos) {
    forget(shownNanos);
    return HERD * forwards.size();
  }

  private void forget(long shownNanos) {
    while (!forwards.isEmpty() && forwards.peek().atNanos - shownNanos < 0) {
      forwards.remove();
    }
  }
}
