package io.kvlane.router.telemetry;

import io.kvlane.router.telemetry.Timeline.Point;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * Times what a request costs in the router itself, by the words of {@link Timeline#serverTiming},
 * and how late the event loops are. Safe for any thread.
 */
final class StageMetrics {
  private final Timer queue;
  private final Timer tokenize;
  private final Timer decide;
  private final Timer failover;
  private final Timer loopLag;

  StageMetrics(MeterRegistry registry) {
    queue = stage(registry, "queue");
    tokenize = stage(registry, "tokenize");
    decide = stage(registry, "decide");
    failover = stage(registry, "failover");
    loopLag =
        Timer.builder("kvlane.event.loop.lag")
            .description("By how much later than planned an event loop got to its regular work")
            .serviceLevelObjectives(Buckets.STAGE)
            .register(registry);
  }

  private static Timer stage(MeterRegistry registry, String word) {
    return Timer.builder("kvlane.stage")
        .description("Time that requests spent in a stage of the router")
        .tag("stage", word)
        .serviceLevelObjectives(Buckets.STAGE)
        .register(registry);
  }

  /** A request is over that has gone this way. */
  void passed(Timeline way) {
    record(queue, way, Point.BODY, Point.ADMITTED);
    record(tokenize, way, Point.ADMITTED, Point.TOKENIZED);
    record(decide, way, Point.TOKENIZED, Point.DECIDED);
    record(failover, way, Point.DECIDED, Point.DISPATCHED);
  }

  private static void record(Timer timer, Timeline way, Point from, Point to) {
    if (way.passed(to)) {
      timer.record(way.between(from, to), TimeUnit.NANOSECONDS);
    }
  }

  void loopLag(long nanos) {
    loopLag.record(nanos, TimeUnit.NANOSECONDS);
  }
}
