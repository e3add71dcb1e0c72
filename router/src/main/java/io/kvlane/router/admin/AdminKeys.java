package io.kvlane.router.admin;

import io.kvlane.router.config.KeyHash;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may operate: whoever shows a key whose SHA-256 is configured. Immutable. */
final class AdminKeys {
  private static final String BEARER = "Bearer ";
  private static final int NAME_LENGTH = 8;

  private final Set<String> hashes;

  AdminKeys(List<String> hashes) {
    this.hashes = Set.copyOf(hashes);
  }

  /**
   * Lets an operator in.
   *
   * @param authorization the header, null if there is none
   * @return a name for the log: the first digits of the key's hash
   * @throws AdminException if the key is not known
   */
  String check(@Nullable String authorization) {
    if (hashes.isEmpty()) {
      throw AdminException.closed("The admin API is closed: no key is configured (admin.keys).");
    }
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw AdminException.unauthorized(
          "No key is shown (expected: the header authorization: Bearer KEY).");
    }
    String hash = KeyHash.of(authorization.substring(BEARER.length()).trim());
    if (!hashes.contains(hash)) {
      throw AdminException.unauthorized("The key is not known.");
    }
    return hash.substring(0, NAME_LENGTH);
  }
}
