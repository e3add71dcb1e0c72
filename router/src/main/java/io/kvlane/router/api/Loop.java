package io.kvlane.router.api;

import io.kvlane.router.telemetry.TelemetryBatch;
import io.kvlane.router.upstream.Relay;
import io.vertx.core.Context;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What the requests of one event loop have in common.
 *
 * @param executor runs tasks on the loop
 * @param nanos a monotonic clock
 */
record Loop(
    Shared shared,
    Executor executor,
    Relay relay,
    BodyScanner scanner,
    Sweeper sweeper,
    FlushQueue flushes,
    RequestIds ids,
    TelemetryBatch batch,
    LongSupplier nanos) {

  static Executor executor(Context context) {
    return task -> context.runOnContext(turn -> task.run());
  }
}
