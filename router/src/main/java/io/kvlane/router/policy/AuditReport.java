package io.kvlane.router.policy;

/**
 * What a check of the audit log found.
 *
 * @param entries that hold together from the first one on
 * @param head hash of the last of them; whoever noted an earlier head elsewhere can compare
 * @param problem empty if all is well
 */
public record AuditReport(long entries, String head, String problem) {
  public boolean ok() {
    return problem.isEmpty();
  }
}
