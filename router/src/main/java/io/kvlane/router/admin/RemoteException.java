package io.kvlane.router.admin;

/** The router that has the policy store did not answer. */
public final class RemoteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** How far it got. */
  public enum Reason {
    /** The control region cannot be reached: nothing was sent. */
    REGION_UNREACHABLE,
    /** The region's router that has the store cannot be reached: nothing was sent. */
    OWNER_UNREACHABLE,
    /** It was sent, and what became of it is not known. */
    UNKNOWN
  }

  private final Reason reason;

  public RemoteException(Reason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
