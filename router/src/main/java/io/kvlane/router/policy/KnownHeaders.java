package io.kvlane.router.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request's headers: not their values, only whether they matched the patterns
 * that policies had then.
 *
 * @param asked the patterns
 * @param present whether there was such a header, a bit for each pattern
 * @param matched whether it was as the pattern says, likewise
 */
public record KnownHeaders(List<Asked> asked, long present, long matched) {
  /** Nothing was asked, so nothing is known. */
  public static final KnownHeaders NONE = new KnownHeaders(List.of(), 0, 0);

  /** Patterns that are looked at; of more nothing is known. */
  static final int MOST = Long.SIZE;

  /** A policy's pattern for a header. */
  public record Asked(String name, String pattern) {}

  public KnownHeaders {
    asked = List.copyOf(asked);
  }

  /** Whether the header would match; null if that is not known. */
  @Nullable Boolean matches(String name, String pattern) {
    for (int i = 0; i < asked.size(); i++) {
      Asked one = asked.get(i);
      if (!one.name.equals(name)) {
        continue;
      }
      boolean there = (present >>> i & 1) == 1;
      if (!there || pattern.equals("*")) {
        return there;
      }
      if (one.pattern.equals(pattern)) {
        return (matched >>> i & 1) == 1;
      }
    }
    return null;
  }
}
