package io.kvlane.router.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Which replicas may take one request: those that are healthy and not being drained of its part of
 * the key space; if there are none, those that are healthy.
 *
 * @param choosable those that may take it
 * @param spared healthy, but drained, and so passed over as long as others can take it
 * @param yielding whether another region should rather take it, though replicas here can
 */
record Openings(Set<Replica> choosable, Set<Replica> spared, boolean yielding) {
  /**
   * Sorts them out.
   *
   * @param share of a replica, 0 to 1
   * @param place of the request in the key space
   */
  static Openings of(List<Replica> replicas, ToDoubleFunction<Replica> share, double place) {
    Set<Replica> open = new HashSet<>();
    Set<Replica> drained = new HashSet<>();
    for (Replica replica : replicas) {
      if (replica.healthy()) {
        (place < share.applyAsDouble(replica) ? open : drained).add(replica);
      }
    }
    return open.isEmpty() && !drained.isEmpty()
        ? new Openings(drained, Set.of(), true)
        : new Openings(open, drained, false);
  }

  /** Why a replica is not among those that may take it. */
  Reasons.Why refusal(Replica replica) {
    return spared.contains(replica)
        ? Reasons.Why.DRAINED
        : replica.state().healthy() ? Reasons.Why.BREAKER : Reasons.Why.UNHEALTHY;
  }

  /** In this order they are tried; else as they come. */
  List<ReplicaOption> sorted(List<ReplicaOption> options) {
    if (choosable.size() == options.size()) {
      return options;
    }
    List<ReplicaOption> sorted = new ArrayList<>(options);
    sorted.sort(Comparator.comparingInt(option -> rank(option.replica())));
    return sorted;
  }

  private int rank(Replica replica) {
    return choosable.contains(replica) ? 0 : spared.contains(replica) ? 1 : 2;
  }
}
