package io.kvlane.simulator.live.load;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What all requests of a run came to. Confined to one thread. */
final class Tally {
  private static final long LONGEST_MICROS = 3_600_000_000L;

  private final Histogram cold = new Histogram(LONGEST_MICROS, 3);
  private final Histogram warm = new Histogram(LONGEST_MICROS, 3);
  private final Map<String, Integer> errors = new TreeMap<>();
  private final Map<String, Integer> decisions = new TreeMap<>();
  private final Map<String, Long> uncached = new TreeMap<>();
  private int requests;
  private int failed;
  private int forwarded;
  private long promptTokens;
  private long reportedTokens;
  private long predictedTokens;
  private boolean predicted;

  void add(Outcome outcome) {
    requests++;
    if (outcome.error() != null) {
      failed++;
      errors.merge(outcome.error(), 1, Integer::sum);
      return;
    }
    promptTokens += outcome.promptTokens();
    reportedTokens += outcome.reportedTokens();
    if (outcome.predictedTokens() >= 0) {
      predicted = true;
      predictedTokens += outcome.predictedTokens();
    }
    if (outcome.forwarded()) {
      forwarded++;
    }
    long micros = Math.clamp(outcome.ttftNanos() / 1000, 0, LONGEST_MICROS);
    (outcome.warm() ? warm : cold).recordValue(micros);
    long missed = (long) outcome.promptTokens() - outcome.reportedTokens();
    uncached.merge(outcome.replica(), missed, Long::sum);
    if (!outcome.decision().isEmpty()) {
      decisions.merge(outcome.decision(), 1, Integer::sum);
    }
  }

  int requests() {
    return requests;
  }

  int failed() {
    return failed;
  }

  long promptTokens() {
    return promptTokens;
  }

  /** Share of the prompt tokens that engines found cached, 0 to 1; NaN before any answer. */
  double reportedRatio() {
    return promptTokens == 0 ? Double.NaN : (double) reportedTokens / promptTokens;
  }

  /** The same as routers foretold it; NaN if they did not. */
  double predictedRatio() {
    return predicted ? (double) predictedTokens / promptTokens : Double.NaN;
  }

  /** First-token times of requests of which at least half was cached, in microseconds. */
  Histogram warm() {
    return warm;
  }

  /** First-token times of the others, in microseconds. */
  Histogram cold() {
    return cold;
  }

  /** First-token times of all, in microseconds; a copy. */
  Histogram ttft() {
    Histogram all = cold.copy();
    all.add(warm);
    return all;
  }

  /** Share of the answers that came from another region than was asked; NaN before any. */
  double forwardedRatio() {
    return requests == failed ? Double.NaN : (double) forwarded / (requests - failed);
  }

  /** The busiest replica's uncached tokens over the mean of all that answered; NaN if none. */
  double imbalance() {
    var all = uncached.values().stream().mapToLong(Long::longValue).summaryStatistics();
    return all.getSum() == 0 ? Double.NaN : all.getMax() / all.getAverage();
  }

  /** Uncached prompt tokens by replica. */
  Map<String, Long> uncached() {
    return uncached;
  }

  Map<String, Integer> errors() {
    return errors;
  }

  Map<String, Integer> decisions() {
    return decisions;
  }
}
