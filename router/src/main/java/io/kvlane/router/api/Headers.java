package io.kvlane.router.api;

import io.kvlane.router.region.Hop;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which headers go from one side to the other.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1">RFC 9110, section 7.6.1</a>
 */
final class Headers {
  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  static final CharSequence ANTHROPIC_REQUEST_ID = HttpHeaders.createOptimized("request-id");
  static final CharSequence REGION = HttpHeaders.createOptimized("x-kvlane-region");
  static final CharSequence REPLICA = Hop.REPLICA;
  static final CharSequence CACHED_TOKENS = HttpHeaders.createOptimized("x-kvlane-cached-tokens");
  static final CharSequence DECISION = HttpHeaders.createOptimized("x-kvlane-decision");
  static final CharSequence CONFIG_REVISION = HttpHeaders.createOptimized("x-config-revision");
  static final CharSequence POLICY = HttpHeaders.createOptimized("x-kvlane-policy");
  static final CharSequence CONSISTENCY = HttpHeaders.createOptimized("x-kvlane-consistency");
  static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");
  static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private static final CharSequence REGIONS = HttpHeaders.createOptimized("x-kvlane-regions");
  private static final String OWN = "x-kvlane-";
  private static final String BEARER = "Bearer ";
  private static final String[] AFFINITY = {
    "x-session-id",
    "session_id",
    "x-session-affinity",
    "x-claude-code-session-id",
    "x-dynamo-session-id"
  };

  private Headers() {}

  /**
   * The client's headers as the engine gets them: without those of the connection, and without
   * credentials and KVLane's own, which are meant for the router.
   */
  static MultiMap forEngine(MultiMap client, boolean stream, String requestId, String engineKey) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    Set<String> named = namedByConnection(client);
    for (Map.Entry<String, String> header : client) {
      String name = header.getKey();
      if (!isHopByHop(name)
          && !isForRouter(name)
          && !name.regionMatches(true, 0, OWN, 0, OWN.length())
          && !isNamed(named, name)) {
        headers.add(name, header.getValue());
      }
    }
    if (stream) {
      headers.remove(HttpHeaders.ACCEPT_ENCODING); // a compressed stream could not be read on
    }
    headers.set(REQUEST_ID, requestId);
    if (!engineKey.isEmpty()) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + engineKey);
    }
    return headers;
  }

  /**
   * The client's headers as another region's router gets them: it has to know who asks and what
   * that narrows, so those are among them, even if the client calls them the connection's.
   */
  static MultiMap forLink(MultiMap client, String requestId) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    Set<String> named = namedByConnection(client);
    for (Map.Entry<String, String> header : client) {
      String name = header.getKey();
      boolean known = isCredential(name) || REGIONS.toString().equalsIgnoreCase(name);
      if (known || (!isHopByHop(name) && !name.equalsIgnoreCase("host") && !isNamed(named, name))) {
        headers.add(name, header.getValue());
      }
    }
    headers.set(REQUEST_ID, requestId);
    return headers;
  }

  /** Copies the engine's headers to the client's response. */
  static void toClient(MultiMap engine, MultiMap client) {
    Set<String> named = namedByConnection(engine);
    for (Map.Entry<String, String> header : engine) {
      String name = header.getKey();
      if (!isHopByHop(name) && !isNamed(named, name)) {
        client.add(name, header.getValue());
      }
    }
  }

  /** How long the body is to be; -1 if that is not said, or not understood. */
  static long contentLength(MultiMap client) {
    String length = client.get(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      return -1; // the server has refused what is no length
    }
  }

  /** The API key that the client shows; null for none. */
  static @Nullable String apiKey(MultiMap client) {
    String bearer = client.get(HttpHeaders.AUTHORIZATION);
    if (bearer != null && bearer.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return bearer.substring(BEARER.length()).strip();
    }
    String key = client.get("x-api-key");
    return key != null ? key : client.get("api-key");
  }

  /** The regions to which the client narrows where it may be served; empty for no narrowing. */
  static Set<String> regions(MultiMap client) {
    Set<String> regions = new HashSet<>();
    for (String value : client.getAll(REGIONS)) {
      for (String name : value.split(",", -1)) {
        if (!name.isBlank()) {
          regions.add(name.strip());
        }
      }
    }
    return regions;
  }

  /**
   * Whether somebody pretends to be another by a header that only KVLane may set.
   *
   * @param forwarded whether another region's router has sent them, which has shown its pass
   */
  static boolean areForged(MultiMap client, boolean forwarded) {
    return client.contains("x-kvlane-tenant")
        || client.contains(REGION)
        || (!forwarded && client.contains(Hop.PASS));
  }

  /** The time that a forwarded request has left; {@code most} if it does not say, or says more. */
  static Duration remaining(MultiMap forwarded, Duration most) {
    try {
      long millis = Long.parseLong(String.valueOf(forwarded.get(Hop.REMAINING)));
      return millis > 0 && millis < most.toMillis() ? Duration.ofMillis(millis) : most;
    } catch (NumberFormatException e) {
      return most;
    }
  }

  /** The first hint which requests belong together; null for none. */
  static @Nullable String affinity(MultiMap client) {
    for (String name : AFFINITY) {
      String value = client.get(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }

  private static boolean isNamed(Set<String> named, String name) {
    return !named.isEmpty() && named.contains(name.toLowerCase(Locale.ROOT));
  }

  private static Set<String> namedByConnection(MultiMap headers) {
    String connection = headers.get(HttpHeaders.CONNECTION);
    if (connection == null
        || connection.equalsIgnoreCase("keep-alive")
        || connection.equalsIgnoreCase("close")) {
      return Set.of();
    }
    Set<String> named = new HashSet<>();
    for (String value : headers.getAll(HttpHeaders.CONNECTION)) {
      for (String name : value.split(",", -1)) {
        named.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return named;
  }

  private static boolean isHopByHop(String name) {
    return switch (name.length()) {
      case 2 -> name.equalsIgnoreCase("te");
      case 7 -> name.equalsIgnoreCase("trailer") || name.equalsIgnoreCase("upgrade");
      case 10 -> name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("keep-alive");
      case 14 -> name.equalsIgnoreCase("content-length") || name.equalsIgnoreCase("http2-settings");
      case 16 -> name.equalsIgnoreCase("proxy-connection");
      case 17 -> name.equalsIgnoreCase("transfer-encoding");
      case 18 -> name.equalsIgnoreCase("proxy-authenticate");
      case 19 -> name.equalsIgnoreCase("proxy-authorization");
      default -> false;
    };
  }

  private static boolean isForRouter(String name) {
    return isCredential(name)
        || switch (name.length()) {
          case 4 -> name.equalsIgnoreCase("host");
          case 6 -> name.equalsIgnoreCase("cookie") || name.equalsIgnoreCase("expect");
          default -> false;
        };
  }

  private static boolean isCredential(String name) {
    return switch (name.length()) {
      case 7 -> name.equalsIgnoreCase("api-key");
      case 9 -> name.equalsIgnoreCase("x-api-key");
      case 13 -> name.equalsIgnoreCase("authorization");
      default -> name.regionMatches(true, 0, Hop.PREFIX, 0, Hop.PREFIX.length());
    };
  }
}
