package io.kvlane.simulator.live.load;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Tells people how a run gets on. */
final class Progress {
  private final PrintStream out;
  private final String label;
  private final int size;
  private final Tally tally;
  private final LongSupplier nanoTime;
  private final long started;

  Progress(PrintStream out, String label, int size, Tally tally, LongSupplier nanoTime) {
    this.out = out;
    this.label = label;
    this.size = size;
    this.tally = tally;
    this.nanoTime = nanoTime;
    this.started = nanoTime.getAsLong();
  }

  double seconds() {
    return (nanoTime.getAsLong() - started) / 1e9;
  }

  void print() {
    out.printf(
        Locale.ROOT,
        "%s: %d of %d requests, %d errors, %.1f/s, hit ratio %.3f%n",
        label,
        tally.requests(),
        size,
        tally.failed(),
        tally.requests() / Math.max(seconds(), 1e-3),
        tally.reportedRatio());
  }
}
