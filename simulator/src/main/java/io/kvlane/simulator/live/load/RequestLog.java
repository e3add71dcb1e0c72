package io.kvlane.simulator.live.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes a line of CSV for each request when it ends. Confined to one thread. */
final class RequestLog implements AutoCloseable {
  private final @Nullable PrintWriter out;
  private final LongSupplier nanos;
  private final long started;

  /**
   * @param file null to write nothing
   */
  RequestLog(@Nullable Path file, LongSupplier nanos) throws IOException {
    this.out = file == null ? null : new PrintWriter(Files.newBufferedWriter(file));
    this.nanos = nanos;
    this.started = nanos.getAsLong();
    if (out != null) {
      out.println("ended_s,ttft_ms,sent_to,served_by,decision,error");
    }
  }

  void add(Outcome outcome) {
    if (out != null) {
      out.printf(
          Locale.ROOT,
          "%.3f,%.3f,%s,%s,%s,%s%n",
          (nanos.getAsLong() - started) / 1e9,
          outcome.ttftNanos() / 1e6,
          outcome.sentTo(),
          outcome.servedBy(),
          outcome.decision(),
          outcome.error() == null ? "" : outcome.error());
    }
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
      if (out.checkError()) {
        throw new IOException("the log of requests could not be written");
      }
    }
  }
}
