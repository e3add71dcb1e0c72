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
  /** Of a request that is not traced. */
  public static final RequestTrace NONE = new RequestTrace(null, Span.getInvalid(), null, 0);

  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");

  private final @Nullable Tracer tracer;
  private final Span span;
  private final Context context;

  /** From the monotonic clock to that of spans, nanoseconds. */
  private final long offset;

  RequestTrace(@Nullable Tracer tracer, Span span, @Nullable Context parent, long offset) {
    this.tracer = tracer;
    this.span = span;
    this.context = (parent == null ? Context.root() : parent).with(span);
    this.offset = offset;
  }

  /** 32 hex digits; empty if the request is not traced. */
  public String traceId() {
    return tracer == null ? "" : span.getSpanContext().getTraceId();
  }

  /** 16 hex digits; empty if the request is not traced. */
  String spanId() {
    return tracer == null ? "" : span.getSpanContext().getSpanId();
  }

  /** Whether anybody will see what is told: if not, nothing needs to be computed. */
  public boolean isRecording() {
    return span.isRecording();
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
    span.setAttribute("gen_ai.operation.name", operation)
        .setAttribute("gen_ai.provider.name", provider)
        .setAttribute("gen_ai.request.model", model);
    if (conversation != null) {
      span.setAttribute("gen_ai.conversation.id", conversation);
    }
  }

  /** Something else that is known of the request. */
  public void put(String name, String value) {
    span.setAttribute(name, value);
  }

  /** A step of the request's way through the router. */
  public void step(String name, long fromNanos, long toNanos) {
    Span step = begin(name, SpanKind.INTERNAL, fromNanos);
    if (step != null) {
      step.end(toNanos + offset, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * The step in which a place was chosen.
   *
   * @param word of the decision
   * @param reasons of it; null if there are none
   */
  public void decided(String word, @Nullable Reasons reasons, long fromNanos, long toNanos) {
    Span step = begin("decision", SpanKind.INTERNAL, fromNanos);
    if (step == null) {
      return;
    }
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
    Span made = begin("attempt " + attempt.replica(), SpanKind.CLIENT, nanos);
    if (made == null) {
      return Attempt.NONE;
    }
    made.setAttribute("server.address", attempt.host())
        .setAttribute("server.port", attempt.port())
        .setAttribute("kvlane.replica", attempt.replica())
        .setAttribute("kvlane.cached_tokens", attempt.predictedCachedTokens());
    return new Attempt(made, context.with(made), offset);
  }

  private @Nullable Span begin(String name, SpanKind kind, long nanos) {
    // What is not sampled needs no span but for the ids that go on to the engine.
    if (tracer == null || (kind == SpanKind.INTERNAL && !span.isRecording())) {
      return null;
    }
    return tracer
        .spanBuilder(name)
        .setParent(context)
        .setSpanKind(kind)
        .setStartTimestamp(nanos + offset, TimeUnit.NANOSECONDS)
        .startSpan();
  }

  /** What the engine said of the answer. */
  public void answered(Route.Usage usage, String model, List<String> finishReasons) {
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
    static final Attempt NONE = new Attempt(Span.getInvalid(), Context.root(), 0);

    private final Span span;
    private final Context context;
    private final long offset;

    Attempt(Span span, Context context, long offset) {
      this.span = span;
      this.context = context;
      this.offset = offset;
    }

    /** Tells whoever serves the attempt what its parent is: this attempt, not the client's span. */
    public void propagate(MultiMap headers) {
      if (span.getSpanContext().isValid()) {
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
