package io.kvlane.router.api;

/** A body cannot be accepted; carries what the client is told. */
final class InvalidRequest extends Exception {
  private static final long serialVersionUID = 1;

  private final transient ApiError error;

  InvalidRequest(ApiError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  ApiError error() {
    return error;
  }
}
