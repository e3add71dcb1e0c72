package io.kvlane.router.admin;

import io.kvlane.router.config.KeyHash;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets in whoever shows a key. Immutable. */
public final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final Map<String, ApiKey> byHash = new HashMap<>();
  private final InstantSource clock;

  public ApiKeys(List<ApiKey> keys, InstantSource clock) {
    keys.forEach(key -> byHash.put(key.hash(), key));
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
    return Optional.ofNullable(byHash.get(KeyHash.of(key)))
        .filter(known -> clock.instant().isBefore(known.expiresAt()));
  }
}
