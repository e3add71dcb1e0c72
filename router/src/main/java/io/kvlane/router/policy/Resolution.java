package io.kvlane.router.policy;

import java.util.List;

/**
 * Which policy a request gets, and why.
 *
 * @param revision of which it is
 * @param steps the policies in the order in which they were looked at; the last one is {@code
 *     policy}
 */
public record Resolution(Policy policy, long revision, List<Step> steps) {
  /**
   * One policy that was looked at.
   *
   * @param why what does not match, like {@code match.tenant}, or {@code matched}
   */
  public record Step(String policy, int priority, String why) {}
}
