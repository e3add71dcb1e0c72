package io.kvlane.simulator.policy;

import io.kvlane.locality.admission.SharedLimit;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;

/** What a router lets through before it decides: as the real one does, with its defaults. */
final class Admission {
  /** {@code maxRequestsPerReplica}. */
  private static final int EACH = 320;

  /** {@code queue.length} and {@code queue.timeout}. */
  static final RoutingPolicy.Line LINE = new RoutingPolicy.Line(1024, 30_000);

  private Admission() {}

  /**
   * Whether a request has to wait.
   *
   * @param loads of all replicas, with what the region's other routers last told
   * @param elsewhere what the other regions can take
   */
  static boolean full(RouterView view, ReplicaLoad[] loads, OtherRegions elsewhere) {
    int limit = 0;
    int own = 0;
    int others = 0;
    for (int replica : view.replicas(view.region())) {
      limit += view.healthy(replica) ? EACH : 0;
      own += loads[replica].requests();
      others += loads[replica].othersRequests();
    }
    int here =
        limit == 0
            ? 0
            : SharedLimit.allowance(limit, view.told(), others, view.spec().routersPerRegion());
    int all = here + elsewhere.spare(EACH, view);
    // Without a replica anywhere nobody waits: there is nothing to wait for.
    return all > 0 && own >= all;
  }
}
