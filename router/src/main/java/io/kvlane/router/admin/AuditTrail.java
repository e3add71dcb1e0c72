package io.kvlane.router.admin;

import io.kvlane.router.policy.AuditNote;

/**
 * The way into the audit log for what is no write, from any router. It may be lost; whoever tells
 * neither waits for it nor fails with it. Safe for any thread.
 */
@FunctionalInterface
public interface AuditTrail {
  /** That of a router which has no audit log anywhere. */
  AuditTrail NONE = note -> false;

  /**
   * Takes a line; never blocks.
   *
   * @return whether it is on its way
   */
  boolean take(AuditNote note);
}
