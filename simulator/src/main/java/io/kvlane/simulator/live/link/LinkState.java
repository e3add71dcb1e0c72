package io.kvlane.simulator.live.link;

import java.util.Locale;

/** What a link does with the bytes it is given. */
public enum LinkState {
  /** They arrive. Connections that lived through anything else have been reset. */
  UP,
  /** They vanish in both directions; connections stay open, new ones get no answer. */
  CUT,
  /** Those from the connecting side vanish; new connections get no answer. */
  FORWARD_CUT,
  /** Those to the connecting side vanish; new connections get no answer. */
  BACKWARD_CUT,
  /** There is nobody at the other end: connections are reset, new ones refused. */
  DOWN;

  boolean losesForward() {
    return this == CUT || this == FORWARD_CUT;
  }

  boolean losesBackward() {
    return this == CUT || this == BACKWARD_CUT;
  }

  /** As people write it: {@code forward-cut}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
