package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.BlockPool;
import io.kvlane.simulator.engine.Scheduler;
import io.kvlane.simulator.engine.Sequence;
import io.kvlane.simulator.engine.Step;
import io.kvlane.simulator.engine.StepCost;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Scheduler} in real time: a step's results, events and gauges come out when its
 * duration has passed. Steps follow one another by their planned ends, so that late timers do not
 * slow the engine down. Confined to one Vert.x context.
 */
final class EngineLoop {
  /** After a stall longer than this the engine does not catch up. */
  private static final long MOST_BEHIND_NANOS = 1_000_000_000;

  private final Context context;
  private final Scheduler scheduler;
  private final StepCost cost;
  private final @Nullable EventPublisher publisher;
  private final EngineMetrics metrics;
  private final LongSupplier nanoTime;
  private final IdentityHashMap<Sequence, Listener> listeners = new IdentityHashMap<>();
  private boolean stepping;
  private long due;

  /** Hears of a request's tokens, on the loop's context. */
  interface Listener {
    /**
     * The request has one token more (none if it asked for none).
     *
     * @param finished whether it is done
     */
    void onToken(boolean finished);
  }

  EngineLoop(
      Context context,
      EngineOptions options,
      @Nullable EventPublisher publisher,
      EngineMetrics metrics,
      LongSupplier nanoTime) {
    this.context = context;
    this.scheduler = new Scheduler(options.limits(), new BlockPool(options.cacheBlocks()));
    this.cost = options.cost();
    this.publisher = publisher;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  void submit(Sequence sequence, Listener listener) {
    scheduler.submit(sequence);
    listeners.put(sequence, listener);
    if (!stepping) {
      stepping = true;
      due = nanoTime.getAsLong();
      // Requests that arrive together share the step.
      context.runOnContext(ignored -> begin());
    }
  }

  /** Ends a request that nobody waits for any more. */
  void abort(Sequence sequence) {
    if (listeners.remove(sequence) != null) {
      scheduler.abort(sequence);
    }
  }

  boolean reset() {
    return scheduler.reset();
  }

  private void begin() {
    Step step = scheduler.begin();
    if (step == null) {
      stepping = false;
      metrics.refresh(scheduler);
      return;
    }
    long now = nanoTime.getAsLong();
    due = Math.max(due, now - MOST_BEHIND_NANOS) + cost.nanos(step);
    long millis = Math.ceilDiv(due - now, 1_000_000L);
    if (millis <= 0) {
      context.runOnContext(ignored -> end(step));
    } else {
      Vertx vertx = context.owner();
      vertx.setTimer(millis, ignored -> end(step));
    }
  }

  private void end(Step step) {
    List<Step.Result> results = scheduler.end(step);
    if (publisher != null && !step.events().isEmpty()) {
      publisher.publish(step.events());
    }
    metrics.refresh(scheduler);
    for (Step.Result result : results) {
      Listener listener =
          result.finished()
              ? listeners.remove(result.sequence())
              : listeners.get(result.sequence());
      if (listener != null) {
        listener.onToken(result.finished());
      }
    }
    begin();
  }
}
