package io.kvlane.locality.log;

/** Bytes that are not a frame or chunk of a version that this process reads. */
public final class LogFormatException extends Exception {
  public LogFormatException(String message) {
    super(message);
  }
}
