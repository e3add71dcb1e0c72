package io.kvlane.router.bench;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What one window of load gave.
 *
 * @param window how long it was open
 * @param latencies of the requests that ended in it, in nanoseconds, from sending to the last byte
 * @param chunks content chunks that arrived in it
 * @param cpu what the contender's processes spent meanwhile
 * @param errors wrong or missing answers since the load began, counted by reason
 */
record Sample(
    Duration window, Histogram latencies, long chunks, Duration cpu, Map<String, Long> errors) {
  long requests() {
    return latencies.getTotalCount();
  }

  double requestsPerSecond() {
    return requests() / (window.toNanos() / 1e9);
  }

  double millisAt(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** CPU for each request in microseconds, NaN without requests. */
  double cpuMicrosPerRequest() {
    return requests() == 0 ? Double.NaN : cpu.toNanos() / 1e3 / requests();
  }

  /** CPU for each content chunk in microseconds, NaN without chunks. */
  double cpuMicrosPerChunk() {
    return chunks == 0 ? Double.NaN : cpu.toNanos() / 1e3 / chunks;
  }
}
