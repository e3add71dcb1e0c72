package io.kvlane.router.admin;

/** What an operator asked for cannot be done. */
final class AdminException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  private AdminException(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  static AdminException invalid(String detail) {
    return new AdminException(400, detail);
  }

  static AdminException unauthorized(String detail) {
    return new AdminException(401, detail);
  }

  static AdminException closed(String detail) {
    return new AdminException(403, detail);
  }

  static AdminException notFound(String detail) {
    return new AdminException(404, detail);
  }

  static AdminException methodNotAllowed(String expected) {
    return new AdminException(405, "The method is not allowed here (expected: " + expected + ").");
  }

  int status() {
    return status;
  }
}
