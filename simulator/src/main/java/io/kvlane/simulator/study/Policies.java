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
 * @param names all that {@code named} knows
 * @param unguarded the same, but they refuse nobody in order to spare caches
 */
public record Policies(
    Function<String, RoutingPolicy.Factory> named,
    List<String> names,
    Function<String, RoutingPolicy.Factory> unguarded) {
  /** KVLane's own policy. */
  static final String KVLANE = "kvlane";

  /** KVLane's policy, then its rivals. */
  static final Policies ALL = all();

  public Policies {
    names = List.copyOf(names);
  }

  /** Of policies that refuse nobody. */
  Policies(Function<String, RoutingPolicy.Factory> named, List<String> names) {
    this(named, names, named);
  }

  private static Policies all() {
    List<String> names = new ArrayList<>(Rivals.names());
    names.addFirst(KVLANE);
    return new Policies(
        name -> name.equals(KVLANE) ? KvLane.factory() : Rivals.named(name),
        names,
        name -> name.equals(KVLANE) ? KvLane.factory(Parts.UNGUARDED) : Rivals.named(name));
  }

  RoutingPolicy.Factory fresh(String name) {
    return named.apply(name);
  }
}
