package io.kvlane.router.admin;

import io.kvlane.router.policy.Precondition;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code If-Match} and {@code If-None-Match} (RFC 9110, 13.1). */
final class Preconditions {
  private static final Pattern ETAG = Pattern.compile("\\s*(W/)?(\"[^\"]*\")\\s*(?:,|$)");

  private Preconditions() {}

  /**
   * What the writer knows.
   *
   * @throws ApiProblem if the headers say nothing that protects what others wrote
   */
  static Precondition of(MultiMap headers) {
    List<String> none = headers.getAll("If-None-Match");
    List<String> match = headers.getAll("If-Match");
    if (!none.isEmpty()) {
      if (!match.isEmpty() || !none.equals(List.of("*"))) {
        throw bad("If-None-Match goes with * only, and not with If-Match.");
      }
      return new Precondition.Absent();
    }
    return match.isEmpty() ? new Precondition.None() : matches(String.join(",", match));
  }

  /** The ETags in that text; null is no condition at all. */
  static Precondition matches(@Nullable String text) {
    if (text == null) {
      return new Precondition.None();
    }
    if (text.strip().equals("*")) {
      throw ApiProblem.of(
          428,
          "precondition-required",
          "If-Match: * would overwrite what you have not seen: name the ETag.");
    }
    List<String> etags = new ArrayList<>();
    Matcher matcher = ETAG.matcher(text);
    int end = 0;
    while (end < text.length() && matcher.find(end) && matcher.start() == end) {
      // Strong comparison (RFC 9110, 8.8.3.2): a weak one is never equal.
      if (matcher.group(1) == null) {
        etags.add(matcher.group(2));
      }
      end = matcher.end();
    }
    if (end != text.length()) {
      throw bad("If-Match is not a list of ETags.");
    }
    return new Precondition.Matches(etags);
  }

  private static ApiProblem bad(String detail) {
    return ApiProblem.of(400, "bad-precondition", detail);
  }
}
