package io.kvlane.simulator.live.link;

import io.vertx.core.net.SocketAddress;
import java.time.Duration;

/**
 * A proxy as the command line describes it.
 *
 * @param from region whose routers connect
 * @param to region that they reach
 * @param port where it listens, 0 for any free one
 */
record LinkSpec(String from, String to, int port, SocketAddress target, Distance distance) {
  static final String FORM = "FROM:TO:PORT:TARGET_HOST:TARGET_PORT:ROUND_TRIP_MS:JITTER_MS";

  /** Reads {@link #FORM}. */
  static LinkSpec parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 7 || parts[0].isEmpty() || parts[1].isEmpty() || parts[3].isEmpty()) {
      throw new IllegalArgumentException(text + " (expected: " + FORM + ")");
    }
    try {
      return new LinkSpec(
          parts[0],
          parts[1],
          Integer.parseInt(parts[2]),
          SocketAddress.inetSocketAddress(Integer.parseInt(parts[4]), parts[3]),
          new Distance(millis("round trip", parts[5]), millis("jitter", parts[6])));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          text + ": " + e.getMessage() + " (expected: " + FORM + ")", e);
    }
  }

  /** A duration from milliseconds, which may have a fraction; {@code what} is for the error. */
  static Duration millis(String what, String text) {
    try {
      return Duration.ofNanos(Math.round(Double.parseDouble(text) * 1e6));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + ": " + text + " (expected: milliseconds)", e);
    }
  }
}
