package io.kvlane.simulator.study;

/** A scenario cannot be used; the message names the place, the key and what was expected. */
public final class ScenarioException extends Exception {
  private static final long serialVersionUID = 1;

  ScenarioException(String message) {
    super(message);
  }
}
