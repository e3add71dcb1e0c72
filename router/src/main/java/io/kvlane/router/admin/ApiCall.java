package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.KeySpec;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.ResourceKey;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request to the admin API, checked against its description.
 *
 * @param path its parameters in the path
 * @param query its parameters behind the path, each given once
 * @param body null if the operation has none
 */
record ApiCall(
    Operation operation,
    String line,
    ApiKey caller,
    Map<String, String> path,
    Map<String, String> query,
    MultiMap headers,
    @Nullable JsonNode body) {
  /** The headers that say something to whoever has the store. */
  static final List<String> FORWARDED =
      List.of(
          "Authorization",
          "Content-Type",
          "If-Match",
          "If-None-Match",
          "Idempotency-Key",
          "traceparent");

  /** The name of what it is about. */
  String id() {
    return String.valueOf(path.get("id"));
  }

  ApiCall with(@Nullable JsonNode read) {
    return new ApiCall(operation, line, caller, path, query, headers, read);
  }

  boolean validateOnly() {
    return "true".equals(query.get("validateOnly"));
  }

  /** Whether a write that is only tried is to tell what it would do to requests. */
  boolean impact() {
    return !"false".equals(query.get("impact"));
  }

  int pageSize() {
    return Integer.parseInt(query.getOrDefault("pageSize", "100"));
  }

  /** A time among the parameters, milliseconds since 1970; null if it is left out. */
  @Nullable Long time(String name) {
    String text = query.get(name);
    try {
      return text == null ? null : Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw ApiProblem.of(400, "bad-parameter", name + ": a time like 2026-01-31T12:00:00Z.");
    }
  }

  JsonNode requireBody() {
    if (body == null) {
      throw new IllegalStateException(operation.id() + " has no body");
    }
    return body;
  }

  /** Refuses a key that is for some tenants only. */
  void requireUnscoped() {
    if (caller.scoped()) {
      throw ApiProblem.of(403, "forbidden", "This needs a key that is for all tenants.");
    }
  }

  /** Refuses to write what holds in all regions with a key that is for some of them. */
  void requireAllRegions() {
    if (!caller.regions().isEmpty()) {
      throw ApiProblem.of(403, "forbidden", "This needs a key that is for all regions.");
    }
  }

  /** Whether the caller may do all that a key opens, in all places: else it must not touch it. */
  boolean mayGive(KeySpec key) {
    return caller.may(ApiKey.Role.valueOf(key.role().name()))
        && within(key.tenants(), caller.tenants())
        && within(key.regions(), caller.regions());
  }

  /** Whether a scope is no wider than another; empty is the widest. */
  private static boolean within(List<String> scope, Set<String> other) {
    return other.isEmpty() || (!scope.isEmpty() && other.containsAll(scope));
  }

  /**
   * Whether the caller may know of that name. A key that is for some tenants sees policies that
   * begin with a tenant's name and a hyphen and match that tenant alone, and keys that begin so and
   * are for none but its tenants, whether others exist or not.
   *
   * @param item null if there is none
   */
  boolean mayKnow(ResourceKey key, Content.@Nullable Item item) {
    if (!caller.scoped() || key.kind() == Kind.POOL) {
      return true;
    }
    if (key.kind() == Kind.TENANT) {
      return caller.tenants().contains(key.id());
    }
    return caller.tenants().stream()
        .anyMatch(
            tenant -> key.id().startsWith(tenant + '-') && (item == null || isFor(tenant, item)));
  }

  private boolean isFor(String tenant, Content.Item item) {
    return switch (item.resource()) {
      case Policy policy -> policy.match().tenant().equals(tenant);
      case KeySpec spec -> within(spec.tenants(), caller.tenants());
      default -> false;
    };
  }
}
