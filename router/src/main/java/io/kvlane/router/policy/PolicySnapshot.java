package io.kvlane.router.policy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One revision as requests need it. Immutable. */
public final class PolicySnapshot {
  private final long revision;
  private final List<Policy> policies;
  private final Map<String, PoolSpec> pools = new HashMap<>();
  private final Map<String, TenantSpec> tenants = new HashMap<>();
  private final List<KnownHeaders.Asked> asked;

  /** By the hashes of their secrets. */
  private final Map<String, KeySpec> keys = new HashMap<>();

  /**
   * @param content valid, so that there is a default policy
   */
  PolicySnapshot(long revision, Content content) {
    this.revision = revision;
    List<Policy> found = new ArrayList<>();
    for (Content.Item item : content.resources().values()) {
      switch (item.resource()) {
        case Policy policy -> found.add(policy);
        case PoolSpec pool -> pools.put(pool.model(), pool);
        case TenantSpec tenant -> tenants.put(tenant.id(), tenant);
        case KeySpec key -> {
          keys.put(key.rotation().hash().hex(), key);
          keys.put(key.rotation().previousHash().hex(), key);
        }
        case Canary _ -> {} // which side a request is on is decided before
      }
    }
    found.sort(Comparator.comparingInt(Policy::priority));
    policies = List.copyOf(found);
    asked =
        found.stream()
            .flatMap(policy -> policy.match().headers().entrySet().stream())
            .map(header -> new KnownHeaders.Asked(header.getKey(), header.getValue()))
            .distinct()
            .limit(KnownHeaders.MOST)
            .toList();
  }

  /** One revision's content, for those who look at what is not served. */
  public static PolicySnapshot of(Content content) {
    return new PolicySnapshot(0, content);
  }

  public long revision() {
    return revision;
  }

  /** In the order in which they are looked at. */
  public List<Policy> policies() {
    return policies;
  }

  /** The pool that serves that model. */
  public Optional<PoolSpec> pool(String model) {
    return Optional.ofNullable(pools.get(model));
  }

  public Optional<TenantSpec> tenant(String id) {
    return Optional.ofNullable(tenants.get(id));
  }

  /**
   * The admin key that a secret opens then.
   *
   * @param hash SHA-256 of the secret, in hex
   */
  public Optional<KeySpec> key(String hash, Instant now) {
    return Optional.ofNullable(keys.get(hash)).filter(key -> key.opens(hash, now));
  }

  /** The first policy that matches; the default one does if no other. */
  public Policy policy(RouteFacts facts) {
    for (Policy policy : policies) {
      if (mismatch(policy.match(), facts) == null) {
        return policy;
      }
    }
    throw new IllegalStateException("Revision " + revision + " has no default policy");
  }

  /**
   * What the policies' patterns make of a request's headers.
   *
   * @param headers a header's value by its name in lower case, null for none
   */
  public KnownHeaders known(Function<String, @Nullable String> headers) {
    if (asked.isEmpty()) {
      return KnownHeaders.NONE;
    }
    long present = 0;
    long matched = 0;
    for (int i = 0; i < asked.size(); i++) {
      String value = headers.apply(asked.get(i).name());
      if (value != null) {
        present |= 1L << i;
        matched |= Glob.matches(asked.get(i).pattern(), value) ? 1L << i : 0;
      }
    }
    return new KnownHeaders(asked, present, matched);
  }

  /** The first policy that matches; empty if too little is known of the headers to say. */
  public Optional<Policy> policy(String model, String tenant, String route, KnownHeaders headers) {
    for (Policy policy : policies) {
      Policy.Match match = policy.match();
      if (mismatch(match, model, tenant, route) != null) {
        continue;
      }
      boolean matches = true;
      boolean known = true;
      for (Map.Entry<String, String> header : match.headers().entrySet()) {
        Boolean found = headers.matches(header.getKey(), header.getValue());
        matches &= found == null || found;
        known &= found != null;
      }
      if (matches) {
        return known ? Optional.of(policy) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** The same with reasons, for people. */
  public Resolution resolve(RouteFacts facts) {
    List<Resolution.Step> steps = new ArrayList<>();
    for (Policy policy : policies) {
      String why = mismatch(policy.match(), facts);
      steps.add(new Resolution.Step(policy.id(), policy.priority(), why == null ? "matched" : why));
      if (why == null) {
        return new Resolution(policy, revision, List.copyOf(steps));
      }
    }
    throw new IllegalStateException("Revision " + revision + " has no default policy");
  }

  /** The first thing that does not match, null if all do. */
  private static @Nullable String mismatch(Policy.Match match, RouteFacts facts) {
    String other = mismatch(match, facts.model(), facts.tenant(), facts.route());
    if (other != null) {
      return other;
    }
    for (Map.Entry<String, String> header : match.headers().entrySet()) {
      String value = facts.headers().apply(header.getKey());
      if (value == null || !Glob.matches(header.getValue(), value)) {
        return "match.headers." + header.getKey();
      }
    }
    return null;
  }

  /** The same without regard to headers. */
  private static @Nullable String mismatch(
      Policy.Match match, String model, String tenant, String route) {
    if (!Glob.matches(match.modelGlob(), model)) {
      return "match.modelGlob";
    }
    if (!Glob.matches(match.tenant(), tenant)) {
      return "match.tenant";
    }
    return Glob.matches(match.route(), route) ? null : "match.route";
  }
}
