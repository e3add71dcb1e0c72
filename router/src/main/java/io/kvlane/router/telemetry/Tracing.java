package io.kvlane.router.telemetry;

import io.kvlane.router.config.RouterConfig;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Traces of requests by OpenTelemetry, sent as OTLP over HTTP. A sender that fails or is slow costs
 * requests nothing: spans wait in a bounded queue, and those that find it full are dropped and
 * counted. Safe for any thread.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>
 */
public final class Tracing implements AutoCloseable {
  private static final int QUEUE = 8_192;
  private static final int BATCH = 512;
  private static final Duration DELAY = Duration.ofSeconds(1);
  private static final long CLOSE_SECONDS = 5;
  static final String PARENT = "traceparent";
  private static final Pattern PARENT_FORM =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final @Nullable SdkTracerProvider provider;
  private final Tracer tracer;
  private final double ratio;

  private Tracing(@Nullable SdkTracerProvider provider, double ratio) {
    this.provider = provider;
    this.ratio = ratio;
    this.tracer = (provider == null ? TracerProvider.noop() : provider).get("io.kvlane.router");
  }

  /** As the configuration says. */
  public static Tracing of(RouterConfig config, MeterRegistry registry) {
    RouterConfig.Traces settings = config.telemetry().traces();
    if (settings.endpoint().isEmpty()) {
      return new Tracing(null, 0); // what clients send of traces goes to engines as it is
    }
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint())
            .setTimeout(settings.timeout());
    if (!settings.authorization().value().isEmpty()) {
      exporter.addHeader("authorization", settings.authorization().value());
    }
    return to(exporter.build(), settings.perThousand() / 1000.0, config, registry);
  }

  static Tracing to(
      SpanExporter exporter, double ratio, RouterConfig config, MeterRegistry registry) {
    var counts = new SpanCounts();
    FunctionCounter.builder("kvlane.traces.dropped", counts, SpanCounts::dropped)
        .description("Spans that were not sent: the queue was full, or the collector not there")
        .register(registry);
    FunctionCounter.builder("kvlane.traces.sent", counts, SpanCounts::sent)
        .description("Spans that the collector has taken")
        .register(registry);
    var processor =
        BatchSpanProcessor.builder(counts.counting(exporter))
            .setMaxQueueSize(QUEUE)
            .setMaxExportBatchSize(BATCH)
            .setScheduleDelay(DELAY)
            .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(counts).build())
            .build();
    Resource resource =
        Resource.getDefault().toBuilder()
            .put("service.name", "kvlane-router")
            .put("service.instance.id", config.router().id())
            .put("cloud.region", config.region())
            .build();
    return new Tracing(
        SdkTracerProvider.builder()
            .setResource(resource)
            .setSampler(Sampler.alwaysOn()) // begin() has sampled already
            .addSpanProcessor(processor)
            .build(),
        ratio);
  }

  /**
   * Begins the trace of a request, as part of the client's if it tells of one. Who began the trace
   * has decided whether it is sampled. What is not costs no span, nor anything else but the ids
   * that go on to the engine, so that it does not sample either.
   *
   * @param client the client's headers
   * @param route the path's template
   * @param nanos the monotonic clock of the request's times, when it came
   */
  public RequestTrace begin(MultiMap client, String route, long nanos) {
    if (provider == null) {
      return RequestTrace.NONE;
    }
    Context parent = Context.root();
    if (client.getAll(PARENT).size() == 1) {
      parent = W3CTraceContextPropagator.getInstance().extract(parent, client, Getter.IT);
    }
    SpanContext began = Span.fromContext(parent).getSpanContext();
    if (began.isValid() && !began.isSampled()) {
      return RequestTrace.unsampled(began.getTraceId());
    }
    if (!began.isValid() && ThreadLocalRandom.current().nextDouble() >= ratio) {
      return RequestTrace.unsampled(IdGenerator.random().generateTraceId());
    }
    long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    Span span =
        tracer
            .spanBuilder("POST " + route)
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(epoch, TimeUnit.NANOSECONDS)
            .setAttribute("http.request.method", "POST")
            .setAttribute("http.route", route)
            .startSpan();
    return new RequestTrace(tracer, span, parent, epoch - nanos);
  }

  /** The trace id of a W3C traceparent, empty if there is none. */
  public static String traceId(MultiMap headers) {
    String parent = headers.get(PARENT);
    return parent != null && PARENT_FORM.matcher(parent).matches() ? parent.substring(3, 35) : "";
  }

  /** Sends what waits to be sent, within a few seconds. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private enum Getter implements TextMapGetter<MultiMap> {
    IT;

    /** A list may come in several headers. */
    @Override
    public @Nullable String get(@Nullable MultiMap carrier, String key) {
      List<String> values = carrier == null ? List.of() : carrier.getAll(key);
      return values.isEmpty() ? null : String.join(",", values);
    }
  }
}
