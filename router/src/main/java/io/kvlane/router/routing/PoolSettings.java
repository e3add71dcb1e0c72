package io.kvlane.router.routing;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PoolSpec;
import java.util.Optional;

/** How pools are set: as the present revision says, else as this router's configuration does. */
public final class PoolSettings {
  private final RouterConfig config;
  private final Policies policies;

  public PoolSettings(RouterConfig config, Policies policies) {
    this.config = config;
    this.policies = policies;
  }

  /** The settings of the model's pool. */
  public RouterConfig.Pool of(String model) {
    RouterConfig.Pool configured = config.pool(model);
    RouterConfig.Pool own = configured == null ? RouterConfig.Pool.DEFAULTS : configured;
    Optional<PoolSpec> pool = policies.current().pool(model);
    return pool.isEmpty()
        ? own
        : new RouterConfig.Pool(
            model,
            RouterConfig.Keys.valueOf(pool.get().keySpace().name()),
            pool.get().chunkBytes(),
            pool.get().maxRequestsPerReplica(),
            own.guardCaches(),
            own.tokenize());
  }

  /** Whether somebody has said that there is such a model. */
  public boolean knows(String model) {
    return config.pool(model) != null || policies.current().pool(model).isPresent();
  }
}
