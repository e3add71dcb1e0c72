package io.kvlane.simulator.live.engine;

import org.jspecify.annotations.Nullable;

/** A request that the engine refuses; the message is for the client and quotes no prompt. */
final class BadRequestException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final @Nullable String field;

  /** Status 400 about one field of the body. */
  BadRequestException(String field, String message) {
    this(400, field, field + ": " + message);
  }

  BadRequestException(int status, @Nullable String field, String message) {
    super(message);
    this.status = status;
    this.field = field;
  }

  int status() {
    return status;
  }

  /** The field of the body that is wrong, null if it is not one field. */
  @Nullable String field() {
    return field;
  }
}
