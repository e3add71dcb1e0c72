package io.kvlane.router.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreType;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;

/**
 * Who may use the admin API, beside those whom the routers' configuration names. The secret itself
 * is kept nowhere; what is kept of it, its hash, is stored but never shown.
 *
 * @param tenants whose policies and keys it is for, empty for all
 * @param regions in which it may give orders, empty for all
 * @param expiresAt when it ends, as {@code 2027-01-31T00:00:00Z}
 * @param rotation of its secrets: the router's, whatever a writer says of it
 */
public record KeySpec(
    String id,
    String description,
    Role role,
    List<String> tenants,
    List<String> regions,
    String expiresAt,
    Rotation rotation)
    implements Resource {

  /** What holds where a key leaves a field out. */
  static final KeySpec DEFAULTS =
      new KeySpec("", "", Role.VIEWER, List.of(), List.of(), "", Rotation.NONE);

  /** What it may do; each may what those before it may. */
  public enum Role {
    VIEWER,
    OPERATOR,
    ADMIN
  }

  /**
   * SHA-256 of a secret. Mappers leave it out; only that of {@link ResourceJson}, for the store,
   * the disk and other routers, does not.
   *
   * @param hex 64 lower-case digits, empty for none
   */
  @JsonIgnoreType
  public record Hash(@JsonValue String hex) {
    static final Hash NONE = new Hash("");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Hash {}

    @Override
    public String toString() {
      return hex.isEmpty() ? "(none)" : "(hash)";
    }
  }

  /**
   * The secrets that open.
   *
   * @param generation how many secrets it has had, from 1
   * @param hash of the newest
   * @param previousHash of the one before, while both open
   * @param previousUntil when that one ends; empty if there is none
   */
  public record Rotation(int generation, Hash hash, Hash previousHash, String previousUntil) {
    static final Rotation NONE = new Rotation(0, Hash.NONE, Hash.NONE, "");
  }

  public KeySpec {
    tenants = List.copyOf(tenants);
    regions = List.copyOf(regions);
  }

  /** The same with other secrets. */
  KeySpec with(Rotation other) {
    return new KeySpec(id, description, role, tenants, regions, expiresAt, other);
  }

  /**
   * The same with a new secret, and another end. The secret before opens on until {@code overlap},
   * but no longer than it would have; the one before that does not.
   *
   * @param newHash SHA-256 of the new secret
   * @param end as {@link #expiresAt}
   * @param overlap not after now for no overlap
   */
  public KeySpec rotated(String newHash, String end, Instant overlap, Instant now) {
    Instant until = now;
    if (rotation.generation > 0) {
      Instant former = Instant.parse(expiresAt);
      until = overlap.isBefore(former) ? overlap : former;
    }
    boolean both = until.isAfter(now);
    var next =
        new Rotation(
            rotation.generation + 1,
            new Hash(newHash),
            both ? rotation.hash : Hash.NONE,
            both ? until.toString() : "");
    return new KeySpec(id, description, role, tenants, regions, end, next);
  }

  /**
   * Whether a secret opens then.
   *
   * @param hash SHA-256 of the secret
   */
  boolean opens(String hash, Instant now) {
    if (!now.isBefore(Instant.parse(expiresAt))) {
      return false;
    }
    return hash.equals(rotation.hash.hex)
        || (!rotation.previousUntil.isEmpty()
            && hash.equals(rotation.previousHash.hex)
            && now.isBefore(Instant.parse(rotation.previousUntil)));
  }
}
