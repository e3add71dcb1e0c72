package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.policy.KvLane;
import io.kvlane.simulator.policy.Parts;
import io.kvlane.simulator.rival.Rivals;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The policies that can be named.
 *
 * @param named gives a policy's factory; called anew for every run, because the routers of one run
 *     may share what a factory holds
 * @param names all that {@code named} knows, but for {@link #UNGUARDED}
 */
public record Policies(Function<String, RoutingPolicy.Factory> named, List<String> names) {
  /** KVLane's own policy. */
  static final String KVLANE = "kvlane";

  /** The same where pools are told never to guard their caches. No rival. */
  static final String UNGUARDED = "kvlane-unguarded";

  /** KVLane's policy, then its rivals. */
  static final Policies ALL = all();

  public Policies {
    names = List.copyOf(names);
  }

  private static Policies all() {
    List<String> names = new ArrayList<>(Rivals.names());
    names.addFirst(KVLANE);
    return new Policies(
        name ->
            switch (name) {
              case KVLANE -> KvLane.factory();
              case UNGUARDED -> KvLane.factory(Parts.UNGUARDED);
              default -> Rivals.named(name);
            },
        names);
  }

  RoutingPolicy.Factory fresh(String name) {
    return named.apply(name);
  }
}
