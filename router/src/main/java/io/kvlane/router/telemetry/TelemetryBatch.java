package io.kvlane.router.telemetry;

import io.kvlane.router.telemetry.evidence.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Has an event loop's requests and attempts counted, and their evidence filed, some at a time:
 * between two requests the processor's caches have forgotten what that needs, and most of its cost
 * would be to fetch it again. A worker does it, so that no request waits for it. Used on the loop,
 * which flushes what is there at every tick.
 */
public final class TelemetryBatch {
  /** So few that the loop's requests do not feel it if they have to be counted there. */
  static final int MOST = 64;

  /** So many times as many may wait for a worker: some megabytes at most. */
  static final int MOST_WAITING = 16;

  private final RequestMetrics metrics;
  private final Executor workers;
  private final AtomicInteger handedOver = new AtomicInteger();
  private final List<Over> waiting = new ArrayList<>(MOST);
  private final List<String> attempts = new ArrayList<>(MOST);

  private record Over(
      @Nullable Finished finished,
      RequestTrace trace,
      @Nullable Timeline way,
      @Nullable Entry entry) {}

  /**
   * @param workers that count; they may do so at any time
   */
  public TelemetryBatch(RequestMetrics metrics, Executor workers) {
    this.metrics = metrics;
    this.workers = workers;
  }

  /**
   * A request is over.
   *
   * @param finished null if no engine's answer has begun
   * @param way that it has gone; null if that was counted before
   * @param entry null if no evidence is kept
   */
  public void add(
      @Nullable Finished finished,
      RequestTrace trace,
      @Nullable Timeline way,
      @Nullable Entry entry) {
    waiting.add(new Over(finished, trace, way, entry));
    if (waiting.size() >= MOST) {
      flush();
    }
  }

  /**
   * An attempt is over.
   *
   * @param outcome as {@link RequestMetrics#attempt} has it
   */
  public void attempt(String outcome) {
    attempts.add(outcome);
    if (attempts.size() >= MOST) {
      flush();
    }
  }

  /** Hands over all that has been added; counts it here if workers do not keep up. */
  public void flush() {
    if (waiting.isEmpty() && attempts.isEmpty()) {
      return;
    }
    // Taken out first: what cannot be counted must not stay, to be counted again at every tick.
    List<Over> all = List.copyOf(waiting);
    waiting.clear();
    List<String> ended = List.copyOf(attempts);
    attempts.clear();
    if (handedOver.get() >= MOST_WAITING) {
      count(all, ended);
      return;
    }
    handedOver.incrementAndGet();
    workers.execute(
        () -> {
          try {
            count(all, ended);
          } finally {
            handedOver.decrementAndGet();
          }
        });
  }

  private void count(List<Over> all, List<String> ended) {
    // One after the other, not request by request: each is the warmer for it.
    for (Over over : all) {
      if (over.finished != null) {
        metrics.finished(over.finished, over.trace);
      }
    }
    for (Over over : all) {
      if (over.way != null) {
        metrics.passed(over.way);
      }
    }
    for (Over over : all) {
      if (over.entry != null) {
        over.entry.file();
      }
    }
    ended.forEach(metrics::attempt);
  }
}
