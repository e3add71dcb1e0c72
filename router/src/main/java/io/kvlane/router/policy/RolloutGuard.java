package io.kvlane.router.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Decides whether a rollout goes on. No I/O, no clock. */
public final class RolloutGuard {
  /** Who ends rollouts, in revisions and in the audit log; no key can be called so. */
  public static final String AUTHOR = "kvlane/rollouts";

  private static final String PROMOTED = "promoted: the canary of revision ";
  private static final String ROLLED_BACK = "rolled back: revision ";

  private RolloutGuard() {}

  /**
   * The description of the revision that ends a rollout.
   *
   * @param begun the revision that it ends
   */
  public static String ending(boolean promote, long begun, String reason) {
    return (promote ? PROMOTED : ROLLED_BACK) + begun + ": " + reason;
  }

  /** Whether a revision that ends a rollout took it back. */
  public static boolean isRollback(RevisionInfo ending) {
    return ending.description().startsWith(ROLLED_BACK);
  }

  /** Whether a revision was made here to take back the one before, which was no canary. */
  public static boolean takesBack(RevisionInfo next, long number) {
    return next.author().equals(AUTHOR) && next.description().startsWith(ending(false, number, ""));
  }

  /** What is to be done. */
  public enum Step {
    /** Nothing yet. */
    CONTINUE,
    PROMOTE,
    ROLLBACK
  }

  /**
   * What is to be done, and why.
   *
   * @param cause in one word, for metrics
   * @param reason in words
   */
  public record Verdict(Step step, String cause, String reason) {}

  /**
   * What is to become of a canary.
   *
   * @param begun the revision with which it began
   * @param begunAt when that was committed
   * @param lastLive the newest revision that was live everywhere; 0 if that is not known
   * @param seen all regions
   */
  public static Verdict decide(
      Canary canary,
      long begun,
      Instant begunAt,
      Instant now,
      long lastLive,
      Collection<Rollouts.Seen> seen) {
    List<String> waits = new ArrayList<>();
    for (Rollouts.Seen region : seen) {
      if (!region.reachable() || region.routers().isEmpty()) {
        waits.add("region " + region.region() + " is not heard of");
      }
      for (RouterStatus router : region.routers()) {
        if (isNack(router, begun, lastLive > 0 ? lastLive : canary.base())) {
          return new Verdict(
              Step.ROLLBACK, "nack", router.router() + " refuses it: " + router.problem());
        }
        if (router.revision() < begun) {
          waits.add(router.router() + " does not serve it yet");
        }
      }
    }
    ArmFigures figures = figures(begun, seen);
    String breach = breach(canary.slo(), figures);
    if (!breach.isEmpty()) {
      return new Verdict(Step.ROLLBACK, "slo", breach);
    }
    long left = canary.holdSeconds() - Duration.between(begunAt, now).toSeconds();
    if (left > 0) {
      waits.add("it holds for another " + left + " s");
    }
    if (isBounded(canary.slo()) && figures.requests() < canary.slo().minRequests()) {
      waits.add(
          "it has served %d of %d requests"
              .formatted(figures.requests(), canary.slo().minRequests()));
    }
    if (!waits.isEmpty()) {
      return new Verdict(Step.CONTINUE, "", String.join("; ", waits));
    }
    return canary.promote() == Canary.Promote.AUTO
        ? new Verdict(Step.PROMOTE, "held", "it has held")
        : new Verdict(Step.CONTINUE, "", "it has held, and waits to be promoted");
  }

  /** What all routers together have seen on the new side. */
  public static ArmFigures figures(long begun, Collection<Rollouts.Seen> seen) {
    return sum(begun, seen, true);
  }

  /** The same on the other side. */
  public static ArmFigures baseFigures(long begun, Collection<Rollouts.Seen> seen) {
    return sum(begun, seen, false);
  }

  private static ArmFigures sum(long begun, Collection<Rollouts.Seen> seen, boolean canary) {
    ArmFigures sum = ArmFigures.NONE;
    for (Rollouts.Seen region : seen) {
      for (RouterStatus router : region.routers()) {
        Arms.Report arms = router.arms();
        if (arms != null && arms.revision() == begun) {
          sum = sum.plus(canary ? arms.canary() : arms.base());
        }
      }
    }
    return sum;
  }

  private static boolean isBounded(Canary.Slo slo) {
    return slo.maxErrorRate() < 1 || slo.maxTtftP95Ms() > 0 || slo.minHitRatio() > 0;
  }

  private static String breach(Canary.Slo slo, ArmFigures seen) {
    if (seen.requests() < slo.minRequests()) {
      return "";
    }
    if (seen.errorRate() > slo.maxErrorRate()) {
      return said("error rate %.3f, above %.3f", seen.errorRate(), slo.maxErrorRate());
    }
    double ttft = seen.ttftP95AtLeastMs();
    if (slo.maxTtftP95Ms() > 0 && ttft > slo.maxTtftP95Ms()) {
      return said("p95 TTFT at least %.0f ms, above %.0f ms", ttft, (double) slo.maxTtftP95Ms());
    }
    if (seen.hitRatio() < slo.minHitRatio()) {
      return said("hit ratio %.3f, below %.3f", seen.hitRatio(), slo.minHitRatio());
    }
    return "";
  }

  private static String said(String format, double seen, double bound) {
    return String.format(Locale.ROOT, format, seen, bound);
  }

  /**
   * Whether a router was up to date and then refused the revision, or one behind it. One that only
   * could not save it serves it; one that was behind already, or came late, is itself what is
   * wrong.
   */
  private static boolean isNack(RouterStatus router, long revision, long before) {
    return router.refused() >= revision
        && router.revision() < revision
        && router.revision() >= before;
  }

  /**
   * Who refuses a revision that is no canary, and why; empty for nobody.
   *
   * @param lastLive the newest revision that was live everywhere
   */
  public static String refusals(long revision, long lastLive, Collection<Rollouts.Seen> seen) {
    return seen.stream()
        .flatMap(region -> region.routers().stream())
        .filter(router -> isNack(router, revision, lastLive))
        .map(router -> router.router() + ": " + router.problem())
        .findFirst()
        .orElse("");
  }
}
