package io.kvlane.router;

import io.kvlane.locality.log.DigestDelta;
import io.kvlane.router.region.RegionState;
import io.kvlane.router.routing.RequestFacts;
import io.kvlane.router.routing.Route;
import io.kvlane.router.routing.Routing;
import io.kvlane.router.routing.RoutingException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Routing without a map: the replicas in turn. Remembers what it was asked and told. */
public final class StaticRouting implements Routing {
  /** One engine. */
  public record Replica(String name, String host, int port) {}

  /** How an attempt ended. */
  public record Ended(String replica, Route.Outcome outcome) {}

  private final List<Replica> replicas;
  private final List<String> models;
  private final int capacity;
  private final boolean remember;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentLinkedQueue<RequestFacts> asked = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Ended> ended = new ConcurrentLinkedQueue<>();
  private volatile int capacityNow;

  public StaticRouting(
      List<Replica> replicas, List<String> models, int capacity, boolean remember) {
    this.replicas = replicas;
    this.models = models;
    this.capacity = capacity;
    this.capacityNow = capacity;
    this.remember = remember;
  }

  /** Attempts begun and not yet ended. */
  public int open() {
    return open.get();
  }

  public List<RequestFacts> asked() {
    return List.copyOf(asked);
  }

  public List<Ended> ended() {
    return List.copyOf(ended);
  }

  public void capacity(int now) {
    capacityNow = now;
  }

  @Override
  public List<String> models() {
    return models;
  }

  @Override
  public int capacity(String model) {
    return serves(model) ? capacityNow : 0;
  }

  @Override
  public List<RegionState.Model> pools() {
    return models.stream()
        .map(m -> new RegionState.Model(m, m, 0, replicas.size(), capacityNow, 0, 0, 0.1, 0))
        .toList();
  }

  @Override
  public Future<DigestDelta> digest(String region, long log, long from) {
    return Future.failedFuture("there are no other regions");
  }

  private boolean serves(String model) {
    return models.isEmpty() || models.contains(model);
  }

  @Override
  public Future<Route> route(RequestFacts facts) {
    if (remember) {
      asked.add(facts);
    }
    if (!serves(facts.model())) {
      return Future.failedFuture(
          new RoutingException(RoutingException.Reason.UNKNOWN_MODEL, facts.model()));
    }
    if (capacity == 0 || replicas.isEmpty()) {
      return Future.failedFuture(
          new RoutingException(RoutingException.Reason.NO_HEALTHY_REPLICA, facts.model()));
    }
    return Future.succeededFuture(new Turn(turn.getAndIncrement()));
  }

  private final class Turn implements Route {
    private final int first;
    private int tried;

    Turn(int first) {
      this.first = first;
    }

    @Override
    public long decidedFrom() {
      return System.nanoTime();
    }

    @Override
    public String decision() {
      return "home";
    }

    @Override
    public Optional<Attempt> next() {
      if (tried == replicas.size()) {
        return Optional.empty();
      }
      return Optional.of(new Try(replicas.get(Math.floorMod(first + tried++, replicas.size()))));
    }
  }

  private final class Try implements Route.Attempt {
    private final Replica replica;
    private boolean over;

    Try(Replica replica) {
      this.replica = replica;
      open.incrementAndGet();
    }

    @Override
    public String replica() {
      return replica.name();
    }

    @Override
    public String host() {
      return replica.host();
    }

    @Override
    public int port() {
      return replica.port();
    }

    @Override
    public int predictedCachedTokens() {
      return 0;
    }

    @Override
    public void firstByte() {}

    @Override
    public void end(Route.Outcome outcome) {
      if (!over) {
        over = true;
        open.decrementAndGet();
        if (remember) {
          ended.add(new Ended(replica.name(), outcome));
        }
      }
    }
  }
}
