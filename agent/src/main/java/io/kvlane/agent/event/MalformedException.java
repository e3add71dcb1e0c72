package io.kvlane.agent.event;

/** Input that is not what it should be; the message says what and where, without content. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedException(String message) {
    // Without a stack trace: damaged input must not be dearer than good input.
    super(message, null, false, false);
  }
}
