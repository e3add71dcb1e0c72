package io.kvlane.simulator.live.load;

/**
 * One run of a workload.
 *
 * @param label what was special about it
 * @param seconds how long it took
 */
record RunResult(String label, Tally tally, double seconds) {

  double requestsPerSecond() {
    return tally.requests() / seconds;
  }
}
