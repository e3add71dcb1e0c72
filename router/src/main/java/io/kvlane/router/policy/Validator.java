package io.kvlane.router.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Says whether a content may become a revision. Safe for any thread. */
public final class Validator {
  /** What one kind may have; a revision must fit into a router's memory and on its disk. */
  static final int MAX_PER_KIND = 10_000;

  private final Supplier<Set<String>> known;

  /**
   * @param known all regions that exist now
   */
  public Validator(Supplier<Set<String>> known) {
    this.known = known;
  }

  /** What is wrong with one resource. */
  public record Finding(ResourceKey key, FieldError error) {}

  /** All that is wrong, each resource by itself and against the others. */
  public List<Finding> check(Content content) {
    Set<String> regions = new TreeSet<>(known.get());
    List<Finding> findings = new ArrayList<>();
    for (var item : content.resources().entrySet()) {
      for (FieldError error : check(item.getValue().resource(), regions)) {
        findings.add(new Finding(item.getKey(), error));
      }
    }
    List<Policy> policies = all(content, Policy.class);
    List<PoolSpec> pools = all(content, PoolSpec.class);
    List<TenantSpec> tenants = all(content, TenantSpec.class);
    sizes(List.of(policies, pools, tenants, all(content, KeySpec.class)), findings);
    unique(policies, findings);
    residency(policies, tenants, findings);
    models(pools, findings);
    fallbacks(pools, findings);
    return findings;
  }

  private static List<FieldError> check(Resource resource, Set<String> regions) {
    var checks = new Checks();
    switch (resource) {
      case Policy policy -> {
        return PolicyCheck.check(policy, regions);
      }
      case PoolSpec pool -> {
        checks.text("/description", pool.description(), 0, 1000);
        checks.text("/model", pool.model(), 1, 256);
        checks.range("/chunkBytes", pool.chunkBytes(), 16, 65_536);
        checks.range("/maxRequestsPerReplica", pool.maxRequestsPerReplica(), 1, 100_000);
      }
      case Canary canary -> canary(canary, regions, checks);
      case TenantSpec tenant -> {
        checks.text("/description", tenant.description(), 0, 1000);
        checks.regions("/allowedRegions", tenant.allowedRegions(), regions);
        checks.range("/weight", tenant.weight(), 1, 1000);
        checks.range("/maxConcurrent", tenant.maxConcurrent(), 0, 1_000_000);
      }
      case KeySpec key -> {
        checks.text("/description", key.description(), 0, 1000);
        checks.names("/tenants", key.tenants());
        checks.regions("/regions", key.regions(), regions);
        checks.time("/expiresAt", key.expiresAt());
        if (!key.rotation().previousUntil().isEmpty()) {
          checks.time("/rotation/previousUntil", key.rotation().previousUntil());
        }
        if (key.rotation().generation() < 1 || key.rotation().hash().hex().isEmpty()) {
          checks.refuse("", "a key is made by POST /admin/v1/keys");
        }
      }
    }
    checks.id(resource.id());
    return checks.errors();
  }

  private static void canary(Canary canary, Set<String> regions, Checks checks) {
    if ((canary.percent() > 0) == !canary.regions().isEmpty()) {
      checks.refuse("/percent", "expected: either a percentage or regions");
    }
    checks.range("/percent", canary.percent(), 0, 99);
    checks.regions("/regions", canary.regions(), regions);
    checks.range("/holdSeconds", canary.holdSeconds(), 0, 604_800);
    checks.range("/slo/maxErrorRate", canary.slo().maxErrorRate(), 0, 1);
    checks.range("/slo/maxTtftP95Ms", canary.slo().maxTtftP95Ms(), 0, 86_400_000);
    checks.range("/slo/minHitRatio", canary.slo().minHitRatio(), 0, 1);
    checks.range("/slo/minRequests", canary.slo().minRequests(), 1, 1_000_000);
  }

  private static <R extends Resource> List<R> all(Content content, Class<R> type) {
    List<R> all = new ArrayList<>();
    for (Content.Item item : content.resources().values()) {
      if (type.isInstance(item.resource())) {
        all.add(type.cast(item.resource()));
      }
    }
    return all;
  }

  private static void sizes(List<List<? extends Resource>> kinds, List<Finding> findings) {
    for (List<? extends Resource> kind : kinds) {
      if (kind.size() > MAX_PER_KIND) {
        refuse(kind.getLast(), "", "there are " + MAX_PER_KIND + " already", findings);
      }
    }
  }

  private static void unique(List<Policy> policies, List<Finding> findings) {
    Map<Integer, Policy> byPriority = new HashMap<>();
    boolean lastResort = false;
    for (Policy policy : policies) {
      lastResort |= policy.id().equals(Policy.LAST_RESORT);
      Policy other = byPriority.putIfAbsent(policy.priority(), policy);
      if (other != null) {
        for (Policy one : List.of(other, policy)) {
          refuse(one, "/priority", "another policy has this priority", findings);
        }
      }
    }
    if (!lastResort) {
      findings.add(
          new Finding(
              new ResourceKey(Kind.POLICY, Policy.LAST_RESORT),
              new FieldError("", "the default policy must stay: it matches what no other does")));
      return;
    }
    int last = policies.stream().mapToInt(Policy::priority).max().orElseThrow();
    for (Policy policy : policies) {
      if (policy.id().equals(Policy.LAST_RESORT) && policy.priority() != last) {
        refuse(policy, "/priority", "the default policy must come last", findings);
      }
    }
  }

  /** A policy for one tenant must leave a region in which that tenant may be served. */
  private static void residency(
      List<Policy> policies, List<TenantSpec> tenants, List<Finding> findings) {
    Map<String, TenantSpec> byId = new HashMap<>();
    tenants.forEach(tenant -> byId.put(tenant.id(), tenant));
    for (Policy policy : policies) {
      TenantSpec tenant = byId.get(policy.match().tenant());
      List<String> allowed = policy.residency().allowedRegions();
      if (tenant == null || allowed.isEmpty() || tenant.allowedRegions().isEmpty()) {
        continue;
      }
      if (allowed.stream().noneMatch(tenant.allowedRegions()::contains)) {
        refuse(
            policy,
            "/residency/allowedRegions",
            "the tenant may be served in none of these regions",
            findings);
      }
    }
  }

  private static void models(List<PoolSpec> pools, List<Finding> findings) {
    Set<String> models = new HashSet<>();
    for (PoolSpec pool : pools) {
      if (!models.add(pool.model())) {
        refuse(pool, "/model", "another pool serves this model", findings);
      }
    }
  }

  private static void fallbacks(List<PoolSpec> pools, List<Finding> findings) {
    Map<String, PoolSpec> byId = new HashMap<>();
    pools.forEach(pool -> byId.put(pool.id(), pool));
    for (PoolSpec pool : pools) {
      if (pool.fallbackPool().isEmpty()) {
        continue;
      }
      if (!byId.containsKey(pool.fallbackPool())) {
        refuse(pool, "/fallbackPool", "there is no such pool", findings);
      } else if (leadsBack(pool, byId)) {
        refuse(pool, "/fallbackPool", "the fallbacks lead back to this pool", findings);
      }
    }
  }

  private static boolean leadsBack(PoolSpec start, Map<String, PoolSpec> byId) {
    PoolSpec at = next(start, byId);
    for (int steps = 0; at != null && steps < byId.size(); steps++) {
      if (at.id().equals(start.id())) {
        return true;
      }
      at = next(at, byId);
    }
    return false;
  }

  private static @Nullable PoolSpec next(PoolSpec pool, Map<String, PoolSpec> byId) {
    return byId.get(pool.fallbackPool());
  }

  private static void refuse(
      Resource resource, String path, String message, List<Finding> findings) {
    findings.add(new Finding(resource.key(), new FieldError(path, message)));
  }
}
