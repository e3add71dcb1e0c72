package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Lists in pages; a token is where the next one begins. */
final class Pages {
  private Pages() {}

  /**
   * A page as it is answered.
   *
   * @param items one more than fits if there is a next page
   * @param mark of an item, with which the next page's token is made
   */
  static <T> Map<String, Object> page(
      String name, List<T> items, int size, Function<T, String> mark) {
    boolean more = items.size() > size;
    List<T> page = new ArrayList<>(more ? items.subList(0, size) : items);
    return Map.of(name, page, "nextPageToken", more ? token(mark.apply(page.getLast())) : "");
  }

  private static String token(String mark) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mark.getBytes(UTF_8));
  }

  /** The mark of the last page's last item; {@code first} if there was none. */
  static String mark(ApiCall call, String first) {
    String token = call.query().get("pageToken");
    if (token == null || token.isEmpty()) {
      return first;
    }
    try {
      return new String(Base64.getUrlDecoder().decode(token), UTF_8);
    } catch (IllegalArgumentException e) {
      throw bad();
    }
  }

  static long number(ApiCall call, long first) {
    try {
      return Long.parseLong(mark(call, "" + first));
    } catch (NumberFormatException e) {
      throw bad();
    }
  }

  static ApiProblem bad() {
    return ApiProblem.of(400, "bad-page-token", "pageToken is not a nextPageToken of this list.");
  }
}
