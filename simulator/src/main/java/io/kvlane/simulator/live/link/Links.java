package io.kvlane.simulator.live.link;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The proxies between regions, changed by pairs of regions. Safe for any thread. */
final class Links {
  private final List<Link> links;

  private record Link(String from, String to, DelayProxy proxy) {
    boolean leads(String a, String b) {
      return from.equals(a) && to.equals(b);
    }

    double roundTripMs() {
      return proxy.distance().roundTrip().toNanos() / 1e6;
    }

    double jitterMs() {
      return proxy.distance().jitter().toNanos() / 1e6;
    }
  }

  private Links(List<Link> links) {
    this.links = links;
  }

  /** Starts all proxies at an address, or none. */
  static Future<Links> start(Vertx vertx, String bind, List<LinkSpec> specs, long seed) {
    List<Future<DelayProxy>> proxies = new ArrayList<>();
    for (LinkSpec spec : specs) {
      proxies.add(
          DelayProxy.start(
              vertx, bind, spec.port(), spec.target(), spec.distance(), seed + proxies.size()));
    }
    return Future.join(proxies)
        .map(
            all -> {
              List<Link> links = new ArrayList<>();
              for (int i = 0; i < specs.size(); i++) {
                LinkSpec spec = specs.get(i);
                links.add(new Link(spec.from(), spec.to(), proxies.get(i).result()));
              }
              return new Links(List.copyOf(links));
            })
        .onFailure(
            ignored -> proxies.stream().filter(Future::succeeded).forEach(p -> p.result().close()));
  }

  /** Whether any link joins both regions. */
  boolean join(String a, String b) {
    return links.stream().anyMatch(link -> link.leads(a, b) || link.leads(b, a));
  }

  /** Everything between both regions, whoever connects. */
  Future<Void> state(String a, String b, LinkState state) {
    return each(a, b, state, state);
  }

  /** From now on nothing gets from {@code a} to {@code b}, whoever connects. */
  Future<Void> oneWay(String a, String b) {
    return each(a, b, LinkState.FORWARD_CUT, LinkState.BACKWARD_CUT);
  }

  private Future<Void> each(String a, String b, LinkState there, LinkState back) {
    List<Future<Void>> changes = new ArrayList<>();
    for (Link link : links) {
      if (link.leads(a, b)) {
        changes.add(link.proxy().state(there));
      } else if (link.leads(b, a)) {
        changes.add(link.proxy().state(back));
      }
    }
    return Future.join(changes).mapEmpty();
  }

  /** Changes the distance between both regions, there and back. */
  void distance(String a, String b, UnaryOperator<Distance> change) {
    for (Link link : links) {
      if (link.leads(a, b) || link.leads(b, a)) {
        link.proxy().distance(change.apply(link.proxy().distance()));
      }
    }
  }

  JsonArray json() {
    JsonArray all = new JsonArray();
    for (Link link : links) {
      LinkCounts counts = link.proxy().counts();
      all.add(
          new JsonObject()
              .put("from", link.from())
              .put("to", link.to())
              .put("port", link.proxy().port())
              .put("target", link.proxy().target().toString())
              .put("state", link.proxy().state().toString())
              .put("roundTripMs", link.roundTripMs())
              .put("jitterMs", link.jitterMs())
              .put("connections", counts.connections())
              .put("open", counts.open())
              .put("forwardBytes", counts.forwardBytes())
              .put("backwardBytes", counts.backwardBytes())
              .put("forwardLost", counts.forwardLost())
              .put("backwardLost", counts.backwardLost()));
    }
    return all;
  }

  /** One line a proxy, for people. */
  String table() {
    StringBuilder out = new StringBuilder();
    for (Link link : links) {
      LinkCounts counts = link.proxy().counts();
      out.append(
          String.format(
              Locale.ROOT,
              "%-13s -> %-13s %-13s %7.1f ms + %-5.1f  %d open, %,d bytes there, %,d back, %,d"
                  + " lost%n",
              link.from(),
              link.to(),
              link.proxy().state(),
              link.roundTripMs(),
              link.jitterMs(),
              counts.open(),
              counts.forwardBytes(),
              counts.backwardBytes(),
              counts.forwardLost() + counts.backwardLost()));
    }
    return out.toString();
  }

  /** A round trip in place of the present one; the jitter stays. */
  static UnaryOperator<Distance> roundTrip(Duration roundTrip) {
    return present -> new Distance(roundTrip, present.jitter());
  }

  /** A jitter in place of the present one; the round trip stays. */
  static UnaryOperator<Distance> jitter(Duration jitter) {
    return present -> new Distance(present.roundTrip(), jitter);
  }
}
