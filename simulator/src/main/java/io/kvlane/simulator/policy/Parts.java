package io.kvlane.simulator.policy;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.PrefillRate;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.decision.Reuse;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What the decision is fed by; a study exchanges one of them.
 *
 * @param reuse by number of replicas
 */
public record Parts(
    Supplier<Homes> homes,
    Supplier<PrefillRate> rate,
    Supplier<PoolPulse> pulse,
    Supplier<ReplicaLoad> load,
    IntFunction<Reuse> reuse,
    Supplier<CacheGuard> guard) {
  /** As the router has them, unless told otherwise. */
  public static final Parts REAL =
      new Parts(
          Homes::new,
          PrefillRate::new,
          PoolPulse::new,
          ReplicaLoad::new,
          Reuse::new,
          () -> new CacheGuard(CacheGuard.When.AFTER_LOSS));

  /** The same with {@code guardCaches: never}: nobody is refused in order to spare caches. */
  public static final Parts UNGUARDED = REAL.withGuard(() -> new CacheGuard(CacheGuard.When.NEVER));

  /** The same with other homes. */
  public Parts withHomes(Supplier<Homes> other) {
    return new Parts(other, rate, pulse, load, reuse, guard);
  }

  /** The same with other prefill rates. */
  public Parts withRate(Supplier<PrefillRate> other) {
    return new Parts(homes, other, pulse, load, reuse, guard);
  }

  /** The same with other pulse. */
  public Parts withPulse(Supplier<PoolPulse> other) {
    return new Parts(homes, rate, other, load, reuse, guard);
  }

  /** The same with other loads of replicas. */
  public Parts withLoad(Supplier<ReplicaLoad> other) {
    return new Parts(homes, rate, pulse, other, reuse, guard);
  }

  /** The same with other reuse. */
  public Parts withReuse(IntFunction<Reuse> other) {
    return new Parts(homes, rate, pulse, load, other, guard);
  }

  /** The same with another guard of caches. */
  public Parts withGuard(Supplier<CacheGuard> other) {
    return new Parts(homes, rate, pulse, load, reuse, other);
  }
}
