package io.kvlane.router.telemetry;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Ties what is recorded to the trace of the request that it is about: an OpenMetrics exemplar. One
 * per thread, since a request's end is recorded in one go.
 *
 * @see <a
 *     href="https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars">OpenMetrics</a>
 */
public final class Exemplars implements SpanContext {
  private static final ThreadLocal<@Nullable RequestTrace> CURRENT = new ThreadLocal<>();

  /** For Prometheus, with exemplars. */
  public static PrometheusMeterRegistry registry() {
    return new PrometheusMeterRegistry(
        PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, new Exemplars());
  }

  /** Does something on behalf of a request. */
  static void during(RequestTrace trace, Runnable recording) {
    if (!trace.isRecording()) {
      recording.run();
      return;
    }
    CURRENT.set(trace);
    try {
      recording.run();
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    RequestTrace trace = CURRENT.get();
    return trace == null ? null : trace.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    RequestTrace trace = CURRENT.get();
    return trace == null ? null : trace.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    RequestTrace trace = CURRENT.get();
    return trace != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Which spans are kept is decided when they begin.
  }
}
