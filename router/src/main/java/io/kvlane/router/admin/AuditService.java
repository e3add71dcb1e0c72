package io.kvlane.router.admin;

import io.kvlane.router.policy.AuditEntry;
import io.kvlane.router.policy.PolicyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The audit log (ADM-7). */
final class AuditService {
  private final PolicyStore store;

  AuditService(PolicyStore store) {
    this.store = store;
  }

  /** {@code GET /audit}. */
  ApiAnswer list(ApiCall call) {
    call.requireUnscoped();
    boolean newest = "newest".equals(call.query().get("order"));
    int limit = call.pageSize() + 1;
    List<AuditEntry> lines =
        newest
            ? store.auditBelow(Pages.number(call, Long.MAX_VALUE), limit)
            : store.audit(Pages.number(call, 0), limit);
    List<Map<String, Object>> entries = new ArrayList<>();
    for (AuditEntry line : lines) {
      entries.add(Map.of("seq", line.seq(), "entry", line.entry(), "hash", line.hash()));
    }
    return ApiAnswer.ok(
        Pages.page("audit", entries, call.pageSize(), entry -> "" + entry.get("seq")));
  }

  /** {@code GET /audit:verify}. */
  ApiAnswer verify(ApiCall call) {
    call.requireUnscoped();
    return ApiAnswer.ok(store.verifyAudit());
  }
}
