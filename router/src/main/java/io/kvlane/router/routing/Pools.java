package io.kvlane.router.routing;

import io.kvlane.locality.admission.SharedLimit;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.RegionState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What the region's replicas serve, how they fare and what they can take. Safe for any thread. */
final class Pools {
  private final PoolSettings settings;
  private final Fleet fleet;
  private final Drains drains;
  private final Function<String, PoolPulse> pulses;
  private final IntSupplier routers;
  private final LongSupplier nanos;

  /**
   * @param routers how many routers the region has
   */
  Pools(
      PoolSettings settings,
      Fleet fleet,
      Drains drains,
      Function<String, PoolPulse> pulses,
      IntSupplier routers,
      LongSupplier nanos) {
    this.settings = settings;
    this.fleet = fleet;
    this.drains = drains;
    this.pulses = pulses;
    this.routers = routers;
    this.nanos = nanos;
  }

  /** How the model's pool is set. */
  RouterConfig.Pool config(String model) {
    return settings.of(model);
  }

  /** The replicas that serve the model and are not evacuated. */
  List<Replica> serving(String model) {
    List<Replica> serving = fleet.serving(model);
    serving.removeIf(replica -> drains.evacuated(model, replica.id()));
    return serving;
  }

  /** Those of them that are healthy. */
  List<Replica> healthy(String model) {
    List<Replica> healthy = serving(model);
    healthy.removeIf(replica -> !replica.healthy());
    return healthy;
  }

  /** Those that serve the model, but are evacuated. */
  List<Reasons.Refused> evacuated(String model) {
    if (!drains.any()) {
      return List.of();
    }
    List<Reasons.Refused> evacuated = new ArrayList<>();
    for (Replica replica : fleet.serving(model)) {
      if (drains.evacuated(model, replica.id())) {
        evacuated.add(Reasons.Refused.here(replica.id(), Reasons.Why.EVACUATED));
      }
    }
    return evacuated;
  }

  /**
   * Which of the replicas may take a request for the model.
   *
   * @param place of the request in the key space
   */
  Openings openings(String model, List<Replica> replicas, double place, long now) {
    return Openings.of(replicas, replica -> drains.share(model, replica.id(), now), place);
  }

  /** The prefill time per token to assume of a pool that has at least one replica. */
  static double msPerToken(List<Replica> replicas) {
    // The median: a replica's own estimate would go stale once it is avoided for it, and so keep
    // it avoided.
    double[] rates = replicas.stream().mapToDouble(r -> r.rate().msPerToken()).sorted().toArray();
    return rates[rates.length / 2];
  }

  /** The block size of the pool's engines, 0 if unknown. */
  static int blockSize(List<Replica> replicas) {
    for (Replica replica : replicas) {
      if (replica.state().blockSize() > 0) {
        return replica.state().blockSize();
      }
    }
    return 0;
  }

  /**
   * Requests for the model that may run at once through this router: its part of what the replicas
   * take. What runs on drained replicas comes on top of what the others take; those take more only
   * where nobody else can.
   *
   * @param elsewhere what other regions take
   */
  int capacity(String model, int elsewhere) {
    int each = config(model).maxRequestsPerReplica();
    long now = nanos.getAsLong();
    int limit = 0;
    int running = 0;
    int lastResort = 0;
    for (Replica replica : fleet.serving(model)) {
      if (!replica.healthy()) {
        continue;
      }
      int takes = (int) (each * drains.share(model, replica.id(), now));
      limit += takes;
      running += takes < each ? Math.max(0, replica.load().requests() - takes) : 0;
      lastResort += drains.evacuated(model, replica.id()) ? 0 : each;
    }
    int open = elsewhere + (limit == 0 ? 0 : allowance(model, limit));
    return open > 0 ? open + running : lastResort;
  }

  private int allowance(String model, int limit) {
    int[] told = new int[SharedLimit.REPORTS];
    int others = 0;
    for (Replica replica : fleet.serving(model)) {
      int[] requests = replica.told();
      Arrays.setAll(told, i -> told[i] + requests[i]);
      others += replica.load().othersRequests();
    }
    return SharedLimit.allowance(limit, told, others, routers.getAsInt());
  }

  /** What other regions are told. */
  List<RegionState.Model> states() {
    List<RegionState.Model> states = new ArrayList<>();
    for (String model : fleet.models()) {
      List<Replica> replicas = healthy(model);
      if (!replicas.isEmpty()) {
        states.add(state(model, replicas));
      }
    }
    return states;
  }

  private RegionState.Model state(String model, List<Replica> replicas) {
    int each = config(model).maxRequestsPerReplica();
    long now = nanos.getAsLong();
    double msPerToken = msPerToken(replicas);
    long waiting = 0;
    int spare = 0;
    double share = 0;
    for (Replica replica : replicas) {
      ReplicaView view = replica.view(true, 0, msPerToken, now);
      double its = drains.share(model, replica.id(), now);
      int left = (int) (each * its) - view.inFlight();
      waiting += view.waitingTokens();
      spare += its < 1 ? Math.max(0, left) : left;
      share = Math.max(share, its);
    }
    return new RegionState.Model(
        model,
        replicas.getFirst().state().models().getFirst(),
        blockSize(replicas),
        replicas.size(),
        spare,
        (double) waiting / replicas.size(),
        pulses.apply(model).busy(),
        msPerToken,
        1 - share);
  }
}
