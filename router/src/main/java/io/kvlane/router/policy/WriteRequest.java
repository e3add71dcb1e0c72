package io.kvlane.router.policy;

import org.jspecify.annotations.Nullable;

/**
 * A write, for the audit log.
 *
 * @param actor who, at most 200 characters
 * @param action what, like {@code PUT policies/default}
 * @param ifMatch what the writer said it knows, empty for nothing
 * @param traceId empty for none
 * @param once null if the same write may be done again
 */
public record WriteRequest(
    String actor, String action, String ifMatch, String traceId, @Nullable Once once) {
  /**
   * A write that is done once only, however often it is sent (IDM-2, IDM-3).
   *
   * @param scope whose key this is, and for what
   * @param key at most 255 characters
   * @param fingerprint of what is to be written
   */
  public record Once(String scope, String key, String fingerprint) {}
}
