package io.kvlane.router.admission;

import io.kvlane.router.policy.Policy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How much this router may retry, by policy: a part of the requests of the last ten seconds, and a
 * floor. Keeps a failing fleet from being asked several times over. Safe for any thread.
 */
public final class RetryBudgets {
  private static final int SECONDS = 10;
  private static final long SECOND = 1_000_000_000L;

  private final LongSupplier nanos;
  private final Map<String, Window> windows = new ConcurrentHashMap<>();

  /**
   * @param nanos a monotonic clock
   */
  public RetryBudgets(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A request has come in. */
  public void requested(Policy policy) {
    window(policy).requested(second());
  }

  /** Whether one more attempt may be made; if so, it counts. */
  public boolean take(Policy policy) {
    return window(policy).take(policy.retry(), second());
  }

  private long second() {
    return Math.floorDiv(nanos.getAsLong(), SECOND);
  }

  private Window window(Policy policy) {
    Window window = windows.get(policy.id());
    return window != null ? window : windows.computeIfAbsent(policy.id(), id -> new Window());
  }

  /** Counts of the last seconds, each in the slot of its second. */
  private static final class Window {
    private final long[] seconds = new long[SECONDS];
    private final int[] requests = new int[SECONDS];
    private final int[] retries = new int[SECONDS];

    private int slot(long second) {
      int slot = Math.floorMod(second, SECONDS);
      if (seconds[slot] != second) {
        seconds[slot] = second;
        requests[slot] = 0;
        retries[slot] = 0;
      }
      return slot;
    }

    synchronized void requested(long second) {
      requests[slot(second)]++;
    }

    synchronized boolean take(Policy.Retry retry, long second) {
      int slot = slot(second);
      long asked = 0;
      long taken = 0;
      for (int i = 0; i < SECONDS; i++) {
        if (second - seconds[i] < SECONDS) {
          asked += requests[i];
          taken += retries[i];
        }
      }
      double allowed = retry.budgetPercent() / 100 * asked + retry.minPerSecond() * SECONDS;
      if (taken + 1 > allowed) {
        return false;
      }
      retries[slot]++;
      return true;
    }
  }
}
