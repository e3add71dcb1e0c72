package io.kvlane.router.routing;

import org.jspecify.annotations.Nullable;

/** There is nowhere to send a request. */
public final class RoutingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** No replica of the region serves such a model. */
    UNKNOWN_MODEL,
    /** Who asks may only use regions that cannot serve it; the message names them. */
    NO_ALLOWED_REGION,
    /**
     * Operators have it evacuated here, and no other region can serve it; the message says what.
     */
    EVACUATED,
    /** Replicas serve it, but none is healthy. */
    NO_HEALTHY_REPLICA,
    /** Replicas serve it, but keep their memory for those whose prompts they hold. */
    NO_MEMORY
  }

  private final Reason reason;
  private final transient @Nullable Reasons reasons;

  public RoutingException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * @param reasons what was known, null for nothing
   */
  public RoutingException(Reason reason, String message, @Nullable Reasons reasons) {
    super(message, null, false, false);
    this.reason = reason;
    this.reasons = reasons;
  }

  public Reason reason() {
    return reason;
  }

  /** What was known when it was decided, null for nothing. */
  public @Nullable Reasons reasons() {
    return reasons;
  }
}
