package io.kvlane.router.api;

import io.kvlane.router.admission.Tenant;
import io.kvlane.router.policy.ArmCounter;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.Finished;
import io.kvlane.router.telemetry.RequestTrace;
import io.kvlane.router.telemetry.Reuse;
import io.kvlane.router.telemetry.TelemetryBatch;
import io.kvlane.router.telemetry.Timeline;
import io.kvlane.router.telemetry.Timeline.Point;
import io.kvlane.router.telemetry.evidence.Entry;
import io.kvlane.router.telemetry.evidence.Subject;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees one request through, and tells metrics, trace and evidence what became of it. Used on the
 * request's event loop.
 */
final class Witness {
  private static final double NANOS_A_MILLI = 1e6;

  private final Shared shared;
  private final TelemetryBatch batch;
  private final Endpoint endpoint;
  private final boolean forwarded;
  private final @Nullable ArmCounter arm;
  private final LongSupplier nanos;
  private final Timeline timeline = new Timeline();
  private final RequestTrace trace;
  private @Nullable Asked asked;
  private @Nullable Entry entry;
  private @Nullable Route route;
  private Route.@Nullable Attempt served;
  private String decision = "none";
  private String error = "";
  private int status;
  private boolean told;

  /** What is asked for, and by what it is decided. */
  private record Asked(ScannedRequest body, String tenant, Policy policy) {}

  /**
   * @param arm told what becomes of the request if a canary is under way, else null
   */
  Witness(
      Shared shared,
      TelemetryBatch batch,
      Endpoint endpoint,
      boolean forwarded,
      @Nullable ArmCounter arm,
      RequestTrace trace,
      LongSupplier nanos) {
    this.shared = shared;
    this.batch = batch;
    this.endpoint = endpoint;
    this.forwarded = forwarded;
    this.arm = arm;
    this.trace = trace;
    this.nanos = nanos;
    pass(Point.CAME);
  }

  RequestTrace trace() {
    return trace;
  }

  /** The body is complete. */
  void received() {
    pass(Point.BODY);
  }

  /** The id of the trace that the request is part of; the client's if it is not traced here. */
  String traceId(String client) {
    return trace.traceId().isEmpty() ? client : trace.traceId();
  }

  /**
   * The body is understood, and its policy found.
   *
   * @param session the client's name for the conversation; null for none
   */
  void asked(
      ScannedRequest body,
      Tenant tenant,
      Subject subject,
      Policy policy,
      @Nullable String session) {
    asked = new Asked(body, tenant.name(), policy);
    trace.asked(endpoint.operation(), endpoint.shape().provider(), body.model(), session);
    pass(Point.SCANNED);
    entry = shared.insight().evidence().begin(subject, timeline);
  }

  /** It waits for nobody any more. */
  void admitted() {
    pass(Point.ADMITTED);
  }

  /**
   * It is known where it goes.
   *
   * @return the same route, watched
   */
  Route decided(Route found) {
    timeline.pass(Point.TOKENIZED, found.decidedFrom());
    pass(Point.DECIDED);
    Entry kept = entry;
    Route watched = kept == null ? found : kept.decided(found);
    route = watched;
    return watched;
  }

  /** The decision's word for who asks now. */
  String decision(boolean failover) {
    Route chosen = route;
    decision = failover ? "failover" : chosen == null ? "none" : chosen.decision();
    return decision;
  }

  /**
   * The answer begins.
   *
   * @param dispatched when the attempt began
   */
  void began(int engineStatus, Route.Attempt attempt, long dispatched) {
    status = engineStatus;
    served = attempt;
    timeline.pass(Point.DISPATCHED, dispatched);
    pass(Point.FIRST_BYTE);
    Entry kept = entry;
    if (kept != null) {
      kept.began(engineStatus, decision);
    }
  }

  String serverTiming() {
    return timeline.serverTiming(shared.config().region());
  }

  /** No replica gave an answer, or the answer broke off. */
  void broke(ApiError cause) {
    status = endpoint.shape().status(cause);
    error = cause.code();
    Entry kept = entry;
    if (kept != null) {
      kept.broke(status, error);
    }
  }

  /**
   * The router itself answers, with an error.
   *
   * @param why what was known when it was decided; null for nothing
   */
  void refused(ApiError cause, @Nullable Reasons why) {
    status = endpoint.shape().status(cause);
    error = cause.code();
    shared.metrics().answered(endpoint.word(), status, decision, forwarded);
    complete();
    Entry kept = entry;
    if (kept != null) {
      kept.refused(status, error, why);
    }
    failed();
    counted(Route.Usage.UNKNOWN, timeline.between(Point.CAME, Point.FIRST_BYTE));
    endUnserved();
  }

  /** No engine's answer counts for it; what the client did wrong is not the caches' concern. */
  private void failed() {
    Asked what = asked;
    if (what != null && status >= 500 && !forwarded) {
      shared.metrics().failed(what.body.model(), what.tenant, shared.config().region());
    }
  }

  /** The exchange is over, whatever became of it. */
  void over(Route.Usage usage) {
    long now = complete();
    Route.Attempt by = served;
    Asked what = asked;
    Finished finished = null;
    if (!told && status != 0) {
      if (by == null || what == null) {
        shared.metrics().answered(endpoint.word(), status, decision, forwarded);
        failed();
      } else {
        finished = finished(what, by, usage, now);
      }
      counted(usage, timeline.between(Point.CAME, Point.FIRST_BYTE));
    }
    Entry kept = entry;
    if (kept != null) {
      kept.over(usage);
    }
    batch.add(finished, trace, told ? null : timeline, kept);
    end();
  }

  /** The client has left. */
  void left() {
    shared.metrics().disconnected();
    error = "client_disconnect";
    long now = complete();
    if (!told && !timeline.passed(Point.FIRST_BYTE)) {
      // Who gives up has waited: a side that hangs must not look fast.
      counted(Route.Usage.UNKNOWN, now - arrived());
    }
    Entry kept = entry;
    if (kept != null) {
      kept.left();
    }
    endUnserved();
  }

  /** Tells the canary's side by which it was served. */
  private void counted(Route.Usage usage, long firstByteNanos) {
    ArmCounter counter = arm;
    // What another region has forwarded, that region's router counts.
    if (counter != null && asked != null && !forwarded) {
      counter.finished(
          status, usage.promptTokens(), usage.cachedTokens(), firstByteNanos / NANOS_A_MILLI);
    }
  }

  private Finished finished(Asked what, Route.Attempt by, Route.Usage usage, long now) {
    Route chosen = route;
    boolean crossed = by.hop().isPresent();
    String here = shared.config().region();
    Reasons reasons = chosen == null ? null : chosen.reasons();
    return new Finished(
        endpoint.word(),
        status,
        decision,
        what.body.model(),
        what.tenant,
        forwarded,
        crossed ? by.replica() : here,
        crossed ? "" : by.replica(),
        what.body.body().length(),
        reasons == null ? null : reasons.features(),
        usage,
        Reuse.of(
            reasons,
            crossed ? by.replica() : here,
            by.predictedCachedTokens(),
            decision.equals("failover")),
        what.body.stream(),
        timeline.between(Point.CAME, Point.FIRST_BYTE),
        now - arrived());
  }

  /** Nothing more is to be counted of it, unless {@link #over} follows. */
  private void endUnserved() {
    if (!told) {
      batch.add(null, trace, timeline, null);
    }
    end();
  }

  /** Ends the trace, once. */
  private void end() {
    if (told) {
      return;
    }
    told = true;
    long now = nanos.getAsLong();
    Asked what = asked;
    if (trace.isRecording() && what != null) {
      steps(what, now);
    }
    trace.end(status, error, now);
  }

  private void steps(Asked what, long now) {
    trace.put("kvlane.tenant", what.tenant);
    trace.put("kvlane.policy", what.policy.id());
    trace.put("kvlane.consistency", what.policy.consistency().name());
    long admitted = timeline.passed(Point.ADMITTED) ? timeline.at(Point.ADMITTED) : now;
    trace.step("admission", timeline.at(Point.BODY), admitted);
    Route chosen = route;
    if (chosen != null) {
      if (timeline.between(Point.ADMITTED, Point.TOKENIZED) > 0) {
        trace.step("tokenization", admitted, timeline.at(Point.TOKENIZED));
      }
      trace.decided(
          chosen.decision(),
          chosen.reasons(),
          timeline.at(Point.TOKENIZED),
          timeline.at(Point.DECIDED));
    }
  }

  private long arrived() {
    return timeline.at(Point.CAME);
  }

  private void pass(Point point) {
    timeline.pass(point, nanos.getAsLong());
  }

  /** Now; the first time it is asked, that is when nothing more was to come. */
  private long complete() {
    long now = nanos.getAsLong();
    if (!timeline.passed(Point.COMPLETE)) {
      timeline.pass(Point.COMPLETE, now);
    }
    return now;
  }
}
