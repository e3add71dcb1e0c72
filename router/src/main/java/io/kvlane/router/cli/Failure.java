package io.kvlane.router.cli;

/** A command that ends otherwise than well; the message is for the operator. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1;

  /** The exit status for what was refused or has failed. */
  static final int REFUSED = 1;

  /** The exit status for a command line that says nothing that can be done. */
  static final int USAGE = 2;

  /** The exit status for a write that somebody else's has overtaken. */
  static final int CONFLICT = 3;

  /** The exit status for an admin API, or a policy store behind it, that cannot be reached. */
  static final int UNREACHABLE = 4;

  private final int status;

  Failure(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }

  static Failure refused(String message) {
    return new Failure(REFUSED, message);
  }

  static Failure usage(String message) {
    return new Failure(USAGE, message);
  }
}
