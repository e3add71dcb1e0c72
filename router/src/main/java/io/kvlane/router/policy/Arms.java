package io.kvlane.router.policy;

import com.dynatrace.hash4j.hashing.Hashing;

/**
 * Both sides of a canary at this router, and what it has seen of them. Which side a request is on
 * depends on its id alone, so that the router that it is forwarded to says the same. Safe for any
 * thread.
 */
public final class Arms {
  private final Canary canary;
  private final long begun;
  private final PolicySnapshot base;
  private final ArmCounter counted;
  private final ArmCounter countedBase;

  /**
   * @param begun the revision with which it began
   */
  Arms(Canary canary, long begun, PolicySnapshot base) {
    this(canary, begun, base, new ArmCounter(), new ArmCounter());
  }

  private Arms(
      Canary canary, long begun, PolicySnapshot base, ArmCounter counted, ArmCounter countedBase) {
    this.canary = canary;
    this.begun = begun;
    this.base = base;
    this.counted = counted;
    this.countedBase = countedBase;
  }

  /** The same canary in a later revision: what was counted stays. */
  Arms with(PolicySnapshot newBase) {
    return new Arms(canary, begun, newBase, counted, countedBase);
  }

  long begun() {
    return begun;
  }

  /** The side that a request is on. */
  Policies.Arm of(PolicySnapshot newest, String region, String requestId) {
    boolean in =
        canary.regions().isEmpty()
            ? Long.remainderUnsigned(Hashing.xxh3_64(begun).hashCharsToLong(requestId), 100)
                < canary.percent()
            : canary.regions().contains(region);
    return in ? new Policies.Arm(newest, counted) : new Policies.Arm(base, countedBase);
  }

  Report report() {
    return new Report(begun, counted.figures(), countedBase.figures());
  }

  /**
   * What a router has seen of a canary.
   *
   * @param revision with which it began
   */
  public record Report(long revision, ArmFigures canary, ArmFigures base) {}
}
