package io.kvlane.router.control;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policy;
import java.time.Duration;
import java.util.List;

/** The default policy of a router that has none: what its configuration says. */
final class BuiltInPolicy {
  private BuiltInPolicy() {}

  static Policy of(RouterConfig config) {
    return of(config, config.timeouts().answer());
  }

  /** The same as the first policy of a store, which checks that its limits fit together. */
  static Policy first(RouterConfig config) {
    RouterConfig.Timeouts timeouts = config.timeouts();
    boolean fits = timeouts.answer().compareTo(timeouts.firstByte()) >= 0;
    return of(config, fits ? timeouts.answer() : timeouts.firstByte());
  }

  private static Policy of(RouterConfig config, Duration answer) {
    RouterConfig.Link link = config.link();
    RouterConfig.Timeouts timeouts = config.timeouts();
    Policy otherwise = Policy.DEFAULTS;
    boolean listed = link.failover() == RouterConfig.Failover.LISTED;
    boolean never = link.forward() == RouterConfig.Forward.NEVER;
    return new Policy(
        otherwise.id(),
        otherwise.description(),
        otherwise.priority(),
        otherwise.match(),
        otherwise.affinity(),
        otherwise.spill(),
        listed ? link.regions().stream().map(RouterConfig.OtherRegion::name).toList() : List.of(),
        otherwise.residency(),
        never ? Policy.CrossRegion.NEVER : Policy.CrossRegion.WORTH,
        otherwise.failover(),
        new Policy.TimeLimits(
            timeouts.firstByte().toMillis(), answer.toMillis(), timeouts.idle().toMillis()),
        new Policy.Retry(
            config.retry().attempts(),
            otherwise.retry().budgetPercent(),
            otherwise.retry().minPerSecond()),
        otherwise.hedge(),
        otherwise.quota(),
        otherwise.consistency(),
        otherwise.partition());
  }
}
