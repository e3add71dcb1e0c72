package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a path names: {@code /admin/v1/COLLECTION}, {@code .../NAME} or {@code .../NAME:ACTION}
 * (AIP-136). A slash in a name is written {@code %2F}.
 *
 * @param collection replicas, pools or regions
 * @param name null for the collection
 * @param action null for none
 */
record ResourcePath(String collection, Kind kind, @Nullable String name, @Nullable Action action) {
  private static final String ROOT = "/admin/v1/";

  /**
   * Reads a path.
   *
   * @param post whether the last part of it says what to do
   * @throws AdminException if it names nothing
   */
  static ResourcePath of(String path, boolean post) {
    if (!path.startsWith(ROOT)) {
      throw unknown();
    }
    String[] parts = path.substring(ROOT.length()).split("/", 3);
    if (parts.length > 2) {
      throw unknown();
    }
    Kind kind =
        switch (parts[0]) {
          case "replicas" -> Kind.REPLICA;
          case "pools" -> Kind.POOL;
          case "regions" -> Kind.REGION;
          default -> throw unknown();
        };
    if (parts.length == 1) {
      return new ResourcePath(parts[0], kind, null, null);
    }
    if (!post) {
      return new ResourcePath(parts[0], kind, decoded(parts[1]), null);
    }
    int colon = parts[1].lastIndexOf(':');
    if (colon < 0) {
      throw AdminException.methodNotAllowed("GET, or POST with an action as in NAME:drain");
    }
    Action action = action(parts[1].substring(colon + 1));
    return new ResourcePath(parts[0], kind, decoded(parts[1].substring(0, colon)), action);
  }

  private static AdminException unknown() {
    return AdminException.notFound(
        "There is no such resource (expected: "
            + ROOT
            + "replicas, pools or regions, and a name that is percent-encoded).");
  }

  private static Action action(String word) {
    for (Action action : Action.values()) {
      if (word(action).equals(word)) {
        return action;
      }
    }
    String known =
        Arrays.stream(Action.values()).map(ResourcePath::word).collect(Collectors.joining(", "));
    throw AdminException.notFound("There is no such action (expected: one of " + known + ").");
  }

  private static String word(Action action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      throw AdminException.invalid("The path cannot be decoded (expected: %XX for a byte).");
    }
  }
}
