package io.kvlane.router.routing;

/** What an operator has ordered cannot be done; the message names what and where. */
public final class OperationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** There is no such replica, pool or region. */
    UNKNOWN,
    /** Only that region's own routers take it. */
    OTHER_REGION
  }

  private final Reason reason;

  OperationException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
