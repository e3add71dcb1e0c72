package io.kvlane.router.routing;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.PoolPulse;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What this router has learned of one model. Safe for any thread. */
final class Learned {
  private final TokenRatio ratio = new TokenRatio();
  private final PoolPulse pulse = new PoolPulse();
  private final Supplier<CacheGuard.When> guardCaches;
  private final IntSupplier replicas;
  private final LongSupplier nanos;
  private volatile @Nullable CacheGuard guard;

  /**
   * @param guardCaches what the pool says when its guard is first asked for
   * @param replicas how many healthy ones serve the model, in this region and in others
   * @param nanos a monotonic clock
   */
  Learned(Supplier<CacheGuard.When> guardCaches, IntSupplier replicas, LongSupplier nanos) {
    this.guardCaches = guardCaches;
    this.replicas = replicas;
    this.nanos = nanos;
  }

  /** How long its prompts are. */
  TokenRatio ratio() {
    return ratio;
  }

  /** How busy its replicas are. */
  PoolPulse pulse() {
    return pulse;
  }

  /** What keeps its caches; counts replicas from when it is first asked for. */
  CacheGuard guard() {
    CacheGuard present = guard;
    return present != null ? present : firstGuard();
  }

  private synchronized CacheGuard firstGuard() {
    CacheGuard present = guard;
    if (present == null) {
      present = new CacheGuard(guardCaches.get());
      count(present);
      guard = present;
    }
    return present;
  }

  /**
   * Tells the guard how many replicas there are. Without a guard there is nothing to tell: neither
   * what was there before the first request nor a name that no pool has is counted.
   */
  void count() {
    CacheGuard present = guard;
    if (present != null) {
      count(present);
    }
  }

  private void count(CacheGuard told) {
    told.serving(replicas.getAsInt(), nanos.getAsLong());
  }
}
