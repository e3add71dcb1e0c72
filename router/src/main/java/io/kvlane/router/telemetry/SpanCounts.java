package io.kvlane.router.telemetry;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;

/** What became of spans: sent, refused by the collector, or dropped by the processor's queue. */
final class SpanCounts implements MetricReader {
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile CollectionRegistration processor = CollectionRegistration.noop();

  SpanExporter counting(SpanExporter to) {
    return new SpanExporter() {
      @Override
      public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = to.export(spans);
        result.whenComplete(() -> (result.isSuccess() ? sent : refused).addAndGet(spans.size()));
        return result;
      }

      @Override
      public CompletableResultCode flush() {
        return to.flush();
      }

      @Override
      public CompletableResultCode shutdown() {
        return to.shutdown();
      }
    };
  }

  long sent() {
    return sent.get();
  }

  long dropped() {
    long queue = 0;
    for (MetricData metric : processor.collectAllMetrics()) {
      if (metric.getName().equals("processedSpans")) {
        for (LongPointData point : metric.getLongSumData().getPoints()) {
          if (Boolean.TRUE.equals(point.getAttributes().get(booleanKey("dropped")))) {
            queue += point.getValue();
          }
        }
      }
    }
    return queue + refused.get();
  }

  @Override
  public void register(CollectionRegistration registration) {
    processor = registration;
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType type) {
    return AggregationTemporality.CUMULATIVE;
  }

  @Override
  public CompletableResultCode forceFlush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
