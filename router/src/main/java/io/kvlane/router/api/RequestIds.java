package io.kvlane.router.api;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Names requests. */
final class RequestIds {
  private static final int MAX_LENGTH = 128;

  private final RandomGenerator random;

  RequestIds(RandomGenerator random) {
    this.random = random;
  }

  /** The client's id if it is a token of visible ASCII, else a new one. */
  String of(@Nullable String offered) {
    if (offered != null && isValid(offered)) {
      return offered;
    }
    return "req-" + hex(random.nextLong()) + hex(random.nextLong());
  }

  private static boolean isValid(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) <= ' ' || id.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
