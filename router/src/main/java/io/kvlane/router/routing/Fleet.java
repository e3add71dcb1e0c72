package io.kvlane.router.routing;

import io.kvlane.locality.log.LoadReport;
import io.kvlane.locality.log.ReplicaState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The region's replicas. Changed by the locality thread, read by any: readers see an immutable list
 * behind one volatile.
 */
final class Fleet {
  private static final Logger log = LoggerFactory.getLogger(Fleet.class);

  /** A replica that keeps failing is tried again at least this often. */
  private static final long MAX_OPEN_NANOS = 30_000_000_000L;

  private static final LoadReport.Load NOTHING = new LoadReport.Load("", 0, 0, 0);

  private final LongSupplier nanos;
  private final int maxReplicas;
  private final BitSet slots = new BitSet();
  private volatile Map<String, Replica> replicas = Map.of();
  private volatile List<Replica> sorted = List.of();

  Fleet(int maxReplicas, LongSupplier nanos) {
    this.maxReplicas = maxReplicas;
    this.nanos = nanos;
  }

  /** All replicas, by id. */
  List<Replica> all() {
    return sorted;
  }

  @Nullable Replica get(String id) {
    return replicas.get(id);
  }

  List<Replica> serving(String model) {
    List<Replica> serving = new ArrayList<>(sorted.size());
    for (Replica replica : sorted) {
      if (replica.serves(model)) {
        serving.add(replica);
      }
    }
    return serving;
  }

  List<String> models() {
    TreeSet<String> models = new TreeSet<>();
    sorted.forEach(replica -> models.addAll(replica.state().models()));
    return List.copyOf(models);
  }

  /**
   * Takes in what an agent says.
   *
   * @return the replica; null if there are already as many as the indexes can tell apart
   */
  @Nullable Replica update(ReplicaState state) {
    Replica known = replicas.get(state.id());
    if (known != null && known.state().url().equals(state.url())) {
      known.state(state);
      return known;
    }
    int slot = known != null ? known.slot() : slots.nextClearBit(0);
    if (slot >= maxReplicas) {
      log.warn("Replica {} is ignored: there are already {} (index.maxReplicas)", state.id(), slot);
      return null;
    }
    Replica replica = new Replica(state, slot, new Breaker(nanos, MAX_OPEN_NANOS));
    slots.set(slot);
    Map<String, Replica> next = new HashMap<>(replicas);
    next.put(state.id(), replica);
    publish(next);
    log.info("Replica {} has joined with {}", replica, state.models());
    return replica;
  }

  /** The replica is gone; its slot may be given to another. */
  void remove(Replica replica) {
    Map<String, Replica> next = new HashMap<>(replicas);
    next.remove(replica.id());
    publish(next);
    slots.clear(replica.slot());
    log.info("Replica {} has left", replica);
  }

  private void publish(Map<String, Replica> next) {
    replicas = Map.copyOf(next);
    sorted = next.values().stream().sorted(Comparator.comparing(Replica::id)).toList();
  }

  /**
   * Takes in what the other routers have in flight.
   *
   * @param toldNanos when the first of these reports came
   */
  void others(Collection<LoadReport> reports, long toldNanos) {
    Map<String, LoadReport.Load> sums = new HashMap<>();
    int sending = 0;
    for (LoadReport report : reports) {
      sending += report.loads().isEmpty() ? 0 : 1;
      for (LoadReport.Load load : report.loads()) {
        sums.merge(
            load.replica(),
            load,
            (a, b) ->
                new LoadReport.Load(
                    a.replica(),
                    a.requests() + b.requests(),
                    a.unanswered() + b.unanswered(),
                    a.waitingTokens() + b.waitingTokens()));
      }
    }
    for (Replica replica : sorted) {
      LoadReport.Load sum = sums.getOrDefault(replica.id(), NOTHING);
      replica
          .load()
          .others(sending, sum.requests(), sum.unanswered(), sum.waitingTokens(), toldNanos);
    }
  }
}
