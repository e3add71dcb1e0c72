package io.kvlane.router.control;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Brings a policy store that was restored from a backup and the routers together again. Routers
 * never step back, so that the store has to go on above what they serve; whose content holds, only
 * people can say.
 */
public final class Reconciliation {
  /** In revisions and in the audit log; no key can be called so. */
  private static final String AUTHOR = "kvlane/reconcile";

  private Reconciliation() {}

  /**
   * Makes the revision with which the store goes on.
   *
   * @param config of the router with the store
   * @param lastGood what a router serves, as it has saved it; empty for this router's own
   * @param keepServed whether the content of that holds; otherwise the store's own does
   * @return its number; empty if the store has lost nothing
   * @throws ConfigException if there is no store, or nothing was saved
   */
  public static OptionalLong run(RouterConfig config, Optional<Path> lastGood, boolean keepServed)
      throws ConfigException {
    if (!ControlPlane.hasStore(config)) {
      throw new ConfigException("policies: this router has no store");
    }
    Path directory = Path.of(config.policies().directory()).toAbsolutePath();
    Path file = lastGood.orElse(directory.resolve(ControlPlane.LAST_GOOD));
    Optional<State> served;
    try {
      served = Policies.saved(file);
    } catch (IOException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
    if (served.isEmpty()) {
      throw new ConfigException(file + ": no revision was saved there");
    }
    try (PolicyStore store = ControlPlane.store(config, directory)) {
      return store.goOn(AUTHOR, served.get(), keepServed);
    }
  }
}
