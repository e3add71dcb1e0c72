package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.policy.Change;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.KeySpec;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Precondition;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceJson;
import io.kvlane.router.policy.ResourceKey;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;

/**
 * Makes keys and rotates them. A secret is in the answer of the request that made it and nowhere
 * else: one whose answer was lost is of no use, and its key has to be rotated.
 */
final class KeyService {
  /** By which secrets are known where they must not be, in logs and repositories. */
  static final String PREFIX = "kvl_";

  private static final int SECRET_BYTES = 32;
  private static final Duration TTL = Duration.ofDays(90);
  private static final Duration OVERLAP = Duration.ofHours(1);

  private final ChangeDecider decider;
  private final WriteService writes;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  KeyService(ChangeDecider decider, WriteService writes, InstantSource clock) {
    this.decider = decider;
    this.writes = writes;
    this.clock = clock;
  }

  /** {@code POST /keys}. */
  ApiAnswer create(ApiCall call) throws Refused {
    Instant now = now();
    ObjectNode document = call.requireBody().deepCopy();
    String end = end(document, now.plus(TTL).toString(), now);
    document.remove("ttlSeconds");
    document.put("expiresAt", end);
    String secret = secret();
    KeySpec key = read(document).rotated(KeyHash.of(secret), end, now, now);
    var change = new Change.Made(key, new Precondition.Absent());
    String description = call.line() + ' ' + key.id();
    ApiAnswer answer =
        writes.write(
            call,
            List.of(key.key()),
            201,
            state -> decider.decide(state, List.of(change), List.of(""), description));
    return withSecret(answer, secret);
  }

  /** {@code POST /keys/ID:rotate}. */
  ApiAnswer rotate(ApiCall call) throws Refused {
    Instant now = now();
    JsonNode body = call.requireBody();
    Instant overlap = now.plusSeconds(body.path("overlapSeconds").asLong(OVERLAP.toSeconds()));
    Precondition precondition = Preconditions.of(call.headers());
    var key = new ResourceKey(Kind.KEY, call.id());
    String secret = secret();
    ApiAnswer answer =
        writes.write(
            call,
            List.of(key),
            200,
            state -> {
              Content.Item item = state.content().get(key);
              if (item == null || !(item.resource() instanceof KeySpec old)) {
                throw Refused.because(Refused.Reason.NOT_FOUND, "There is no " + key + '.');
              }
              String end = end(body, old.expiresAt(), now);
              KeySpec next = old.rotated(KeyHash.of(secret), end, overlap, now);
              return decider.decide(
                  state, List.of(new Change.Made(next, precondition)), List.of(""), call.line());
            });
    return withSecret(answer, secret);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** When the key is to end: by a time, by a duration, or else as {@code otherwise}. */
  private static String end(JsonNode body, String otherwise, Instant now) {
    JsonNode at = body.path("expiresAt");
    JsonNode ttl = body.path("ttlSeconds");
    if (!at.isMissingNode() && !ttl.isMissingNode()) {
      throw invalid("/ttlSeconds", "expected: either this or expiresAt");
    }
    String end =
        ttl.isMissingNode() ? at.asText(otherwise) : now.plusSeconds(ttl.asLong()).toString();
    try {
      if (Instant.parse(end).isAfter(now)) {
        return end;
      }
    } catch (DateTimeException e) {
      throw invalid("/expiresAt", "expected: a time like 2027-01-31T00:00:00Z");
    }
    throw invalid("/expiresAt", "is past: say when the key is to end");
  }

  private static KeySpec read(ObjectNode document) {
    try {
      return (KeySpec) ResourceJson.read(Kind.KEY, document);
    } catch (InvalidResource e) {
      throw ApiProblem.invalid(e.errors());
    }
  }

  private static ApiProblem invalid(String path, String message) {
    return ApiProblem.invalid(List.of(new FieldError(path, message)));
  }

  /** Shows the secret, unless nothing was made by this very request. */
  private static ApiAnswer withSecret(ApiAnswer answer, String secret) {
    if (answer.headers().containsKey(WriteService.REPLAYED)
        || answer.headers().containsKey(WriteService.TRIED)) {
      return answer;
    }
    ObjectNode body = (ObjectNode) Json.parse(answer.body());
    return answer.with(body.put("secret", secret)).with("Cache-Control", "no-store");
  }
}
