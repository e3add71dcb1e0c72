package io.kvlane.router.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A write is not done, and why. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  /** The kinds of reasons. */
  public enum Reason {
    /** The writer does not say what it knows. */
    PRECONDITION_REQUIRED,
    /** The resource is not as the writer believes. */
    STALE,
    /** There is nothing to change. */
    NOT_FOUND,
    /** The result would contradict itself. */
    INVALID,
    /** Not this writer. */
    FORBIDDEN,
    /** A canary is under way, or is not. */
    ROLLOUT,
    /** The same idempotency key came with something else. */
    KEY_REUSED,
    /** The store has lost what routers serve. */
    STORE_BEHIND
  }

  private final Reason reason;
  private final transient @Nullable String etag;
  private final transient List<FieldError> errors;

  private Refused(Reason reason, String message, @Nullable String etag, List<FieldError> errors) {
    super(message);
    this.reason = reason;
    this.etag = etag;
    this.errors = List.copyOf(errors);
  }

  public static Refused because(Reason reason, String message, FieldError... errors) {
    return new Refused(reason, message, null, List.of(errors));
  }

  /**
   * @param etag what it is now, null if it does not exist
   */
  static Refused stale(String message, @Nullable String etag, FieldError... errors) {
    return new Refused(Reason.STALE, message, etag, List.of(errors));
  }

  static Refused invalid(String message, List<FieldError> errors) {
    return new Refused(Reason.INVALID, message, null, errors);
  }

  public Reason reason() {
    return reason;
  }

  /** The current ETag of what is stale; null if it does not exist. */
  public @Nullable String etag() {
    return etag;
  }

  public List<FieldError> errors() {
    return errors;
  }
}
