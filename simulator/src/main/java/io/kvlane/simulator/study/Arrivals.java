package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.Request;
import java.util.List;

/** When requests would arrive in a world without waiting. */
final class Arrivals {
  private Arrivals() {}

  /** Arrivals in ms, by number, if answers took no time. A request only follows an earlier one. */
  static double[] ifAnswersTookNoTime(List<Request> requests) {
    double[] atMs = new double[requests.size()];
    for (Request r : requests) {
      double before = r.follows() == Request.NOTHING ? 0 : atMs[r.follows()];
      atMs[r.number()] = before + r.atNanos() / 1e6;
    }
    return atMs;
  }
}
