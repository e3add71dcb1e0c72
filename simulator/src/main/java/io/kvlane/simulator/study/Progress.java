package io.kvlane.simulator.study;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells people how many runs are done and how long the others will take. Thread-safe. */
final class Progress {
  /** Says nothing. */
  static final Progress NONE = new Progress(null, false, () -> 0);

  private static final int WIDTH = 30;

  private final @Nullable PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final long started;
  private int done;
  private int expected;
  private int tenths;

  /**
   * @param terminal draw a bar over and over; otherwise a line for each tenth
   */
  Progress(@Nullable PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    started = nanoTime.getAsLong();
  }

  /** On the error stream: a bar where a person looks on. */
  static Progress onStandardError() {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    return new Progress(System.err, terminal, System::nanoTime);
  }

  /** There will be so many runs more, or less, than was known. */
  synchronized void expect(int runs) {
    expected += runs;
  }

  synchronized void ran() {
    done++;
    if (out == null) {
      return;
    }
    String text = text();
    if (terminal) {
      int filled = Math.min(WIDTH, WIDTH * done / Math.max(1, expected));
      String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
      out.print("\r[" + bar + "] " + text + "  ");
      out.flush();
    } else if (10 * done / Math.max(1, expected) > tenths) {
      tenths = 10 * done / Math.max(1, expected);
      out.println(text);
    }
  }

  /** Leaves the bar's line. */
  synchronized void end() {
    if (out != null && terminal && done > 0) {
      out.println();
    }
  }

  private String text() {
    double seconds = (nanoTime.getAsLong() - started) / 1e9;
    long left = Math.round(seconds / done * Math.max(0, expected - done));
    return String.format(
        Locale.ROOT, "%d of %d runs, %d:%02d left", done, expected, left / 60, left % 60);
  }
}
