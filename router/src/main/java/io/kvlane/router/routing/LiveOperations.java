package io.kvlane.router.routing;

import static io.kvlane.locality.log.DrainState.Action;
import static io.kvlane.locality.log.DrainState.Kind;

import io.kvlane.locality.log.ReplicaState;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.RegionState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The region's operators' view of what routing knows. */
final class LiveOperations implements Operations {
  private final Vertx vertx;
  private final String region;
  private final Fleet fleet;
  private final LocalityMap map;
  private final Drains drains;
  private final Supplier<List<OtherRegion>> others;
  private final @Nullable DigestShare digests;
  private final LongSupplier nanos;

  /**
   * @param digests null if none are asked for
   */
  LiveOperations(
      Vertx vertx,
      String region,
      Fleet fleet,
      LocalityMap map,
      Drains drains,
      Supplier<List<OtherRegion>> others,
      @Nullable DigestShare digests,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.region = region;
    this.fleet = fleet;
    this.map = map;
    this.drains = drains;
    this.others = others;
    this.digests = digests;
    this.nanos = nanos;
  }

  @Override
  public List<ReplicaReport> replicas() {
    List<ReplicaReport> reports = new ArrayList<>();
    fleet.all().forEach(replica -> reports.add(report(replica)));
    for (String id : drains.names(Kind.REPLICA)) {
      if (fleet.get(id) == null) {
        Service service = service(Kind.REPLICA, id);
        reports.add(new ReplicaReport(id, "", List.of(), false, 0, 0, Cache.UNKNOWN, service));
      }
    }
    return reports;
  }

  private ReplicaReport report(Replica replica) {
    return new ReplicaReport(
        replica.id(),
        replica.state().url(),
        replica.state().models(),
        replica.healthy(),
        requests(replica),
        replica.load().waitingTokens() * replica.rate().msPerToken(),
        cache(replica),
        service(Kind.REPLICA, replica.id()));
  }

  private Cache cache(Replica replica) {
    ReplicaState state = replica.state();
    double fill = map.fill(replica);
    return new Cache(
        state.epoch(),
        map.blocks(replica),
        map.evicted(replica),
        Math.round(fill * state.cacheTokens()),
        state.cacheTokens(),
        fill);
  }

  private int requests(Replica replica) {
    return replica.view(true, 0, 0, nanos.getAsLong()).inFlight();
  }

  @Override
  public List<PoolReport> pools() {
    List<PoolReport> reports = new ArrayList<>();
    TreeSet<String> models = new TreeSet<>(fleet.models());
    models.addAll(drains.names(Kind.POOL));
    for (String model : models) {
      List<Replica> replicas = fleet.serving(model);
      reports.add(
          new PoolReport(
              model,
              replicas.size(),
              (int) replicas.stream().filter(Replica::healthy).count(),
              replicas.stream().mapToInt(this::requests).sum(),
              service(Kind.POOL, model)));
    }
    return reports;
  }

  @Override
  public List<RegionReport> regions() {
    List<RegionReport> reports = new ArrayList<>();
    int healthy = (int) fleet.all().stream().filter(Replica::healthy).count();
    Service here = service(Kind.REGION, region);
    reports.add(new RegionReport(region, true, true, 0, healthy, -1, here));
    long now = nanos.getAsLong();
    for (OtherRegion other : others.get()) {
      RegionState state = other.state(now);
      double takes =
          state == null
              ? 0
              : state.models().stream().mapToDouble(model -> 1 - model.drained()).max().orElse(0);
      double share = Math.min(takes, other.share(now));
      reports.add(
          new RegionReport(
              other.name(),
              false,
              state != null,
              other.roundTripMs(),
              state == null ? 0 : replicas(state),
              age(other.name(), now),
              new Service("none", null, share)));
    }
    return reports;
  }

  private double age(String other, long now) {
    double millis = digests == null ? -1 : digests.ageMillis(other, now);
    return millis < 0 ? -1 : millis / 1e3;
  }

  /** Adapters are served by the replicas of the model that they are made for. */
  private static int replicas(RegionState state) {
    Map<String, Integer> byBase = new HashMap<>();
    state.models().forEach(model -> byBase.merge(model.base(), model.replicas(), Math::max));
    return byBase.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public double duplicates() {
    return map.duplicates(fleet.all());
  }

  @Override
  public int holders(long blockKey) {
    return map.replicas(blockKey);
  }

  @Override
  public List<RegionFleet> fleet() {
    List<RegionFleet> all = new ArrayList<>();
    for (String model : fleet.models()) {
      List<Replica> healthy = fleet.serving(model).stream().filter(Replica::healthy).toList();
      if (!healthy.isEmpty()) {
        all.add(
            new RegionFleet(
                region,
                0,
                model,
                healthy.size(),
                Pools.msPerToken(healthy),
                healthy.getFirst().state().cacheTokens()));
      }
    }
    long now = nanos.getAsLong();
    for (OtherRegion other : others.get()) {
      RegionState state = other.state(now);
      if (state != null) {
        for (RegionState.Model model : state.models()) {
          all.add(
              new RegionFleet(
                  other.name(),
                  other.roundTripMs(),
                  model.name(),
                  model.replicas(),
                  model.msPerToken(),
                  0));
        }
      }
    }
    return all;
  }

  private Service service(Kind kind, String name) {
    Drains.Order order = drains.order(kind, name);
    return order == null
        ? new Service("none", null, 1)
        : new Service(
            Drains.word(order.state().action()),
            Instant.ofEpochMilli(order.state().since()).toString(),
            order.share(nanos.getAsLong()));
  }

  @Override
  public Future<Void> give(Kind kind, String name, Action action) {
    return switch (kind) {
      case REPLICA -> give(kind, name, action, fleet.get(name) != null);
      case POOL -> give(kind, name, action, fleet.models().contains(name));
      case REGION ->
          others.get().stream().anyMatch(other -> other.name().equals(name))
              ? Future.failedFuture(
                  new OperationException(
                      OperationException.Reason.OTHER_REGION,
                      "region " + name + " (expected: " + region + ", this router's own)"))
              : give(kind, name, action, name.equals(region));
    };
  }

  private Future<Void> give(Kind kind, String name, Action action, boolean known) {
    // What is gone may still be put back into service.
    if (!known && drains.order(kind, name) == null) {
      return Future.failedFuture(
          new OperationException(
              OperationException.Reason.UNKNOWN,
              Drains.word(kind) + " " + name + " (expected: one that region " + region + " has)"));
    }
    return vertx.executeBlocking(
        () -> {
          drains.give(kind, name, action);
          return null;
        },
        false);
  }
}
