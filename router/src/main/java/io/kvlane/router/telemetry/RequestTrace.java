package io.kvlane.router.telemetry;

import io.kvlane.locality.decision.Decision;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request's part of a trace: a SERVER span, an INTERNAL one for each step, a CLIENT one for
 * each attempt. Times are those of the request's monotonic clock. No text of prompts and no secret
 * is in it. Used on the request's event loop.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/">OpenTelemetry's
 *     conventions for generative AI</a>
 */
public final class RequestTrace {
  /** Of a router that does not trace: what the client says of a trace goes on as it is. */
  public static final RequestTrace NONE = new RequestTrace("");

  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");

  private final @Nullable Tracer tracer;
  private final String traceId;
  private final Span span;
  private final Context context;

  /** From the monotonic clock to that of spans, nanoseconds. */
  private final long offset;

  RequestTrace(Tracer tracer, Span span, Context parent, long offset) {
    this.tracer = tracer;
    this.traceId = span.getSpanContext().getTraceId();
    this.span = span;
    this.context = parent.with(span);
    this.offset = offset;
  }

  private RequestTrace(String traceId) {
    this.tracer = null;
    this.traceId = traceId;
    this.span = Span.getInvalid();
    this.context = Context.root();
    this.offset = 0;
  }

  /** Of a request that belongs to a trace that is not sampled. */
  static RequestTrace unsampled(String traceId) {
    return new RequestTrace(traceId);
  }

  /** 32 hex digits; empty if the router does not trace. */
  public String traceId() {
    return traceId;
  }

  /** 16 hex digits; of no meaning if the request is not recorded. */
  String spanId() {
    return span.getSpanContext().getSpanId();
  }

  /**
   * Whether anybody will see what is told: if not, nothing needs to be computed. Nor is it told to
   * a span that does not record, which would still make a key of each name.
   */
  public boolean isRecording() {
    return tracer != null;
  }

  /**
   * What is asked for.
   *
   * @param operation such as {@code chat}
   * @param provider whose form of the API it is
   * @param conversation the client's name for it; null for none
   */
  public void asked(
      String operation, String provider, String model, @Nullable String conversation) {
    if (tracer == null) {
      return;
    }
    span.setAttribute("gen_ai.operation.name", operation)
        .setAttribute("gen_ai.provider.name", provider)
        .setAttribute("gen_ai.request.model", model);
    if (conversation != null) {
      span.setAttribute("gen_ai.conversation.id", conversation);
    }
  }

  /** Something else that is known of the request. */
  public void put(String name, String value) {
    if (tracer != null) {
      span.setAttribute(name, value);
    }
  }

  /** A step of the request's way through the router. */
  public void step(String name, long fromNanos, long toNanos) {
    if (tracer != null) {
      begin(tracer, name, SpanKind.INTERNAL, fromNanos).end(toNanos + offset, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * The step in which a place was chosen.
   *
   * @param word of the decision
   * @param reasons of it; null if there are none
   */
  public void decided(String word, @Nullable Reasons reasons, long fromNanos, long toNanos) {
    if (tracer == null) {
      return;
    }
    Span step = begin(tracer, "decision", SpanKind.INTERNAL, fromNanos);
    step.setAttribute("kvlane.decision", word);
    Decision here = reasons == null ? null : reasons.here();
    if (here != null) {
      Decision.Candidate best = here.winner();
      step.setAttribute("kvlane.replica", best.replica().id())
          .setAttribute("kvlane.candidates", here.candidates().size())
          .setAttribute("kvlane.cached_tokens", best.cachedTokens())
          .setAttribute("kvlane.cost_ms", best.costMs())
          .setAttribute("kvlane.reason", here.reason());
    }
    step.end(toNanos + offset, TimeUnit.NANOSECONDS);
  }

  /** Begins an attempt. */
  public Attempt attempt(Route.Attempt attempt, long nanos) {
    if (tracer == null) {
      return traceId.isEmpty() ? Attempt.NONE : Attempt.unsampled(traceId);
    }
    Span made = begin(tracer, "attempt " + attempt.replica(), SpanKind.CLIENT, nanos);
    made.setAttribute("server.address", attempt.host())
        .setAttribute("server.port", attempt.port())
        .setAttribute("kvlane.replica", attempt.replica())
        .setAttribute("kvlane.cached_tokens", attempt.predictedCachedTokens());
    return new Attempt(made, context.with(made), offset);
  }

  private Span begin(Tracer by, String name, SpanKind kind, long nanos) {
    return by.spanBuilder(name)
        .setParent(context)
        .setSpanKind(kind)
        .setStartTimestamp(nanos + offset, TimeUnit.NANOSECONDS)
        .startSpan();
  }

  /** What the engine said of the answer. */
  public void answered(Route.Usage usage, String model, List<String> finishReasons) {
    if (tracer == null) {
      return;
    }
    put("gen_ai.usage.input_tokens", usage.promptTokens());
    put("gen_ai.usage.cache_read.input_tokens", usage.cachedTokens());
    put("gen_ai.usage.output_tokens", usage.outputTokens());
    if (!model.isEmpty()) {
      span.setAttribute("gen_ai.response.model", model);
    }
    if (!finishReasons.isEmpty()) {
      span.setAttribute(FINISH_REASONS, finishReasons);
    }
  }

  private void put(String name, int count) {
    if (count >= 0) {
      span.setAttribute(name, count);
    }
  }

  /**
   * The request is over. Later calls do nothing.
   *
   * @param status of the answer; 0 if the client left before there was one
   * @param error in one word; empty if all is well
   */
  public void end(int status, String error, long nanos) {
    if (tracer == null) {
      return;
    }
    if (status > 0) {
      span.setAttribute("http.response.status_code", status);
    }
    if (!error.isEmpty()) {
      span.setAttribute("error.type", error);
      if (status == 0 || status >= 500) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    span.end(nanos + offset, TimeUnit.NANOSECONDS);
  }

  /** The span of one attempt. */
  public static final class Attempt {
    static final Attempt NONE = new Attempt("");

    private final Span span;
    private final Context context;
    private final long offset;
    private final String unsampled;

    Attempt(Span span, Context context, long offset) {
      this.span = span;
      this.context = context;
      this.offset = offset;
      this.unsampled = "";
    }

    private Attempt(String unsampled) {
      this.span = Span.getInvalid();
      this.context = Context.root();
      this.offset = 0;
      this.unsampled = unsampled;
    }

    static Attempt unsampled(String traceId) {
      return new Attempt("00-" + traceId + '-' + IdGenerator.random().generateSpanId() + "-00");
    }

    /** Tells whoever serves the attempt what its parent is: this attempt, not the client's span. */
    public void propagate(MultiMap headers) {
      if (!unsampled.isEmpty()) {
        headers.set(Tracing.PARENT, unsampled);
      } else if (span.isRecording()) {
        headers.remove("tracestate");
        W3CTraceContextPropagator.getInstance()
            .inject(context, headers, (carrier, name, value) -> carrier.set(name, value));
      }
    }

    /**
     * The attempt is over.
     *
     * @param outcome in one word
     * @param failed whether that is a failure
     * @param status the engine's; 0 if it gave none
     */
    public void end(String outcome, boolean failed, int status, long nanos) {
      if (!span.isRecording()) {
        return;
      }
      if (status > 0) {
        span.setAttribute("http.response.status_code", status);
      }
      span.setAttribute("kvlane.outcome", outcome);
      if (failed) {
        span.setAttribute("error.type", outcome).setStatus(StatusCode.ERROR);
      }
      span.end(nanos + offset, TimeUnit.NANOSECONDS);
    }
  }
}
