package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.List;

/** Two policies that stay in their region. */
final class TinyPolicies {
  static final Policies ALL =
      new Policies(
          name ->
              name.equals("turns")
                  ? (spec, region, router, seed) -> new Turns()
                  : (spec, region, router, seed) -> new Least(),
          List.of("turns", "least"));

  private TinyPolicies() {}

  private static final class Turns implements RoutingPolicy {
    private int next;

    @Override
    public Choice route(Request request, boolean forwarded, RouterView view) {
      int[] replicas = view.replicas(view.region());
      return new Choice.Replica(replicas[next++ % replicas.length], 0);
    }
  }

  private static final class Least implements RoutingPolicy {
    @Override
    public Choice route(Request request, boolean forwarded, RouterView view) {
      int[] replicas = view.replicas(view.region());
      int least = replicas[0];
      for (int replica : replicas) {
        if (view.requests(replica) < view.requests(least)) {
          least = replica;
        }
      }
      return new Choice.Replica(least, 0);
    }
  }
}
