package io.kvlane.router.admin;

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

  /**
   * Whose key this is; empty if it is none, or no longer.
   *
   * @param authorization the header, null if there is none
   */
  Optional<ApiKey> of(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return Optional.empty();
    }
    String hash = ApiKey.hash(authorization.substring(BEARER.length()).trim());
    return Optional.ofNullable(byHash.get(hash))
        .filter(key -> clock.instant().isBefore(key.expiresAt()));
  }
}
