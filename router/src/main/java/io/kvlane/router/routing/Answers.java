package io.kvlane.router.routing;

import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a request gets, once it is known where it may go. Safe for any thread. */
final class Answers {
  private final String region;
  private final ResidencyAudit residency;

  /**
   * @param region this region's name
   */
  Answers(String region, ResidencyAudit residency) {
    this.region = region;
    this.residency = residency;
  }

  /**
   * The way to what its policy leaves of the options.
   *
   * @param options best first
   * @param began when deciding did
   */
  Future<Route> route(
      String word,
      RequestFacts facts,
      List<? extends LiveRoute.Option> options,
      Reasons reasons,
      long began) {
    var left = Failover.of(facts.policy().failover(), region, options);
    return Future.succeededFuture(new LiveRoute(word, began, facts, left, residency, reasons));
  }

  /** There is nowhere to send it. */
  static Future<Route> none(RoutingException.Reason reason, String message, Reasons reasons) {
    return Future.failedFuture(new RoutingException(reason, message, reasons));
  }

  /** It would be sent somewhere, were it not for the rule where it may be served. */
  Future<Route> noAllowedRegion(Set<String> allowed, Reasons reasons) {
    residency.refused();
    return none(
        RoutingException.Reason.NO_ALLOWED_REGION,
        allowed.isEmpty()
            ? "The tenant's regions and those of x-kvlane-regions have none in common."
            : "No region can serve it that is allowed" + rule(allowed),
        reasons);
  }

  /** The end of a sentence that names the regions which a rule leaves. */
  static String rule(Set<String> regions) {
    return " (rule: regions " + new TreeSet<>(regions) + ").";
  }
}
