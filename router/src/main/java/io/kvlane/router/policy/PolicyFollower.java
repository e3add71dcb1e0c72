package io.kvlane.router.policy;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a router's policies up to the store's newest revision. */
public final class PolicyFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyFollower.class);

  private final PolicyStore store;
  private final Policies policies;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("policies").daemon().factory());

  private boolean reachable = true;

  public PolicyFollower(PolicyStore store, Policies policies) {
    this.store = store;
    this.policies = policies;
  }

  /**
   * Looks for a newer revision every so often.
   *
   * @param interval from the end of one look to the next one, positive
   */
  public void start(Duration interval) {
    long nanos = interval.toNanos();
    var _ = thread.scheduleWithFixedDelay(this::look, 0, nanos, TimeUnit.NANOSECONDS);
  }

  /** An exception would end the schedule; the store's absence must not. */
  private void look() {
    try {
      policies.apply(store.current());
      reachable = true;
    } catch (RuntimeException e) {
      if (reachable) {
        log.warn("Serving revision {} on", policies.current().revision(), e);
      }
      reachable = false;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
