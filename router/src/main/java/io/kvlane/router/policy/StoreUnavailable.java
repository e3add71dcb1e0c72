package io.kvlane.router.policy;

/** The store does not answer. */
public final class StoreUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean unknown;

  StoreUnavailable(String message, boolean unknown, Throwable cause) {
    super(message, cause);
    this.unknown = unknown;
  }

  /** Whether the write may have been done; if not, it was not and never will be. */
  public boolean outcomeUnknown() {
    return unknown;
  }
}
