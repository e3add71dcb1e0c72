package io.kvlane.router.admin;

import io.kvlane.router.policy.AuditNote;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.telemetry.Tracing;
import io.vertx.core.MultiMap;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What this router tells the audit log beside writes. Safe for any thread. */
final class Notes {
  private final AuditTrail trail;
  private final String router;
  private final InstantSource clock;
  private final AtomicLong strangers = new AtomicLong();

  /**
   * @param router this one, as {@code REGION/ROUTER}
   */
  Notes(AuditTrail trail, String router, InstantSource clock) {
    this.trail = trail;
    this.router = router;
    this.clock = clock;
  }

  /** Somebody's order was given. */
  void done(ApiCall call) {
    tell(call.caller().id(), call.line(), call.headers(), "DONE", List.of());
  }

  /** Somebody's order broke off; it may yet be carried out. */
  void unknown(ApiCall call) {
    tell(call.caller().id(), call.line(), call.headers(), "UNKNOWN", List.of());
  }

  /** Somebody was refused. */
  void refused(ApiKey caller, String line, MultiMap headers, Refused refused) {
    List<FieldError> errors = new ArrayList<>();
    errors.add(new FieldError("", String.valueOf(refused.getMessage())));
    errors.addAll(refused.errors());
    tell(caller.id(), line, headers, refused.reason().name(), errors);
  }

  /** A stranger tried to write. Only how many did is told, and not by each: see {@link #tally}. */
  void stranger() {
    strangers.incrementAndGet();
  }

  /** Tells how many strangers tried to write since this was done last, if any. */
  void tally() {
    long count = strangers.getAndSet(0);
    if (count > 0) {
      var error = new FieldError("", count + " requests to write without a good key");
      tell(
          "",
          "refused without a key",
          MultiMap.caseInsensitiveMultiMap(),
          Refused.Reason.FORBIDDEN.name(),
          List.of(error));
    }
  }

  private void tell(
      String actor, String action, MultiMap headers, String outcome, List<FieldError> errors) {
    trail.take(
        new AuditNote(
            actor, action, Tracing.traceId(headers), outcome, errors, router, clock.millis()));
  }
}
