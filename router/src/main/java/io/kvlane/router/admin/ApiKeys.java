package io.kvlane.router.admin;

import io.kvlane.router.config.KeyHash;
import io.kvlane.router.policy.KeySpec;
import io.kvlane.router.policy.PolicySnapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whoever shows a key: one that the configuration names, or one of the revision that is
 * served. Safe for any thread.
 */
public final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final Map<String, ApiKey> byHash = new HashMap<>();
  private final Supplier<PolicySnapshot> served;
  private final InstantSource clock;

  /**
   * @param keys that the configuration names; no revision can take them away
   * @param served the revision that this router serves
   */
  public ApiKeys(List<ApiKey> keys, Supplier<PolicySnapshot> served, InstantSource clock) {
    keys.forEach(key -> byHash.put(key.hash(), key));
    this.served = served;
    this.clock = clock;
  }

  /** What is shown in the header {@code Authorization}, empty if that is nothing. */
  static String bearer(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return "";
    }
    return authorization.substring(BEARER.length()).trim();
  }

  /** Whose key this is; empty if it is none, or no longer. */
  Optional<ApiKey> of(String key) {
    String hash = KeyHash.of(key);
    Instant now = clock.instant();
    ApiKey configured = byHash.get(hash);
    return configured == null
        ? served.get().key(hash, now).map(ApiKeys::of)
        : Optional.of(configured).filter(known -> now.isBefore(known.expiresAt()));
  }

  /** Its name tells it from those in the configuration. */
  private static ApiKey of(KeySpec key) {
    return new ApiKey(
        key.key().toString(),
        key.rotation().hash().hex(),
        ApiKey.Role.valueOf(key.role().name()),
        Set.copyOf(key.tenants()),
        Set.copyOf(key.regions()),
        Instant.parse(key.expiresAt()));
  }
}
