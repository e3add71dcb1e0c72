package io.kvlane.router.telemetry;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.telemetry.cache.Caches;
import io.kvlane.router.telemetry.evidence.Evidence;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the region's routers remember of their requests, so that operators can ask without any other
 * system. Safe for any thread.
 *
 * @param evidence what the last requests were decided by
 * @param caches what caches brought, over time
 */
public record Insight(Evidence evidence, Caches caches, RegionAsk region) implements AutoCloseable {

  /** Of a router without others. */
  public static Insight alone(RouterConfig config) {
    return of(config, RegionAsk.alone());
  }

  /**
   * Of a router in its region.
   *
   * @param hazelcast the region's cluster; stays the caller's
   * @param routers the region's routers as they are now, by name
   */
  public static Insight of(
      RouterConfig config, HazelcastInstance hazelcast, Supplier<Set<String>> routers) {
    return of(config, RegionAsk.of(hazelcast, config.router().id(), routers));
  }

  private static Insight of(RouterConfig config, RegionAsk region) {
    return new Insight(
        new Evidence(config, region, System::currentTimeMillis, System::nanoTime),
        new Caches(config.router().id(), region, System::currentTimeMillis),
        region);
  }

  @Override
  public void close() {
    region.close();
  }
}
