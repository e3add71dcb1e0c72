package io.kvlane.simulator.live.load;

import java.util.Map;

/**
 * One run of a workload.
 *
 * @param label what was special about it
 * @param regions tallies by the region that requests were sent to; one if regions have no names
 * @param seconds how long it took
 */
record RunResult(String label, Tally tally, Map<String, Tally> regions, double seconds) {

  double requestsPerSecond() {
    return tally.requests() / seconds;
  }
}
