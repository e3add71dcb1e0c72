package io.kvlane.locality.admission;

import java.util.Arrays;

/**
 * One limit that several routers keep together though each hears of the others' requests late. What
 * was free at the last reports is dealt out evenly among them, so that all of them at once exceed
 * the limit by no more than the rounding; who needs more than its part gets, report by report, the
 * same part of what the others leave.
 */
public final class SharedLimit {
  /** By as many reports every router has heard of the first of them, and reported itself. */
  public static final int REPORTS = 3;

  private SharedLimit() {}

  /**
   * Requests that this router may have in flight; at least 1, so that none starves.
   *
   * @param limit of all routers together, at least 1
   * @param told what this router told the others that it has in flight, in its last {@link
   *     #REPORTS} reports, the last first
   * @param others what they told
   * @param routers how many there are, this one included
   */
  public static int allowance(int limit, int[] told, int others, int routers) {
    int free = limit - told[0] - others;
    int part = free > 0 ? Math.ceilDiv(free, routers) : Math.floorDiv(free, routers);
    // Of more than the least of them not all may have heard, and so may take the same places.
    int settled = Arrays.stream(told).min().orElseThrow();
    return Math.max(1, settled + part);
  }
}
