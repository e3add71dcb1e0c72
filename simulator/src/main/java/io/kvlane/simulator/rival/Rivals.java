package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rival policies by name. */
public final class Rivals {
  private static final Map<String, RoutingPolicy.Factory> FACTORIES = factories();

  private Rivals() {}

  /** All names, simple policies first. */
  public static List<String> names() {
    return List.copyOf(FACTORIES.keySet());
  }

  /**
   * Makes the policy of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static RoutingPolicy.Factory named(String name) {
    RoutingPolicy.Factory factory = FACTORIES.get(name);
    if (factory == null) {
      throw new IllegalArgumentException(
          "policy: " + name + " (expected: one of " + String.join(", ", names()) + ")");
    }
    return factory;
  }

  private static Map<String, RoutingPolicy.Factory> factories() {
    Map<String, RoutingPolicy.Factory> all = new LinkedHashMap<>();
    all.put("round-robin", (spec, region, router, seed) -> new RoundRobin());
    all.put("least-load", (spec, region, router, seed) -> new LeastLoad());
    all.put("session-sticky", (spec, region, router, seed) -> new SessionSticky());
    all.put("bounded-hash", (spec, region, router, seed) -> new BoundedHash(spec, region));
    all.put("longest-prefix", (spec, region, router, seed) -> new LongestPrefix());
    all.put("sglang-cache-aware", (spec, region, router, seed) -> new SglangCacheAware(spec));
    all.put(
        "sglang-prefix-hash", (spec, region, router, seed) -> new SglangPrefixHash(spec, region));
    all.put("preble", (spec, region, router, seed) -> new Preble(spec));
    all.put("mooncake", (spec, region, router, seed) -> new Mooncake());
    all.put("dualmap", (spec, region, router, seed) -> new DualMap(spec, region));
    all.put("lmetric", (spec, region, router, seed) -> new LMetric());
    all.put("dynamo", (spec, region, router, seed) -> new Dynamo(spec, seed));
    all.put("llm-d", (spec, region, router, seed) -> new LlmD(spec, seed));
    all.put("skywalker-trie", (spec, region, router, seed) -> SkyWalker.trie(spec));
    all.put("skywalker-hash", (spec, region, router, seed) -> SkyWalker.hash(spec, region));
    all.put("gorgo", (spec, region, router, seed) -> new Gorgo());
    return all;
  }
}
