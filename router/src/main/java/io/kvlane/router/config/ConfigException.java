package io.kvlane.router.config;

/** A configuration cannot be used; the message names the place, the key and what was expected. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message);
  }
}
