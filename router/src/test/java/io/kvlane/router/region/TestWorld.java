package io.kvlane.router.region;

import static org.awaitility.Awaitility.await;

import io.kvlane.simulator.live.link.DelayProxy;
import io.kvlane.simulator.live.link.Distance;
import io.kvlane.simulator.live.link.LinkState;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongBiFunction;

/** Regions with one router each, and a proxy on every way from one to another. */
public final class TestWorld implements AutoCloseable {
  private record Way(String from, String to) {}

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, TestRegion> regions = new LinkedHashMap<>();
  private final Map<Way, DelayProxy> links = new HashMap<>();

  /**
   * Starts them, and waits until each reaches all.
   *
   * @param certificates an empty directory
   * @param roundTripMillis between two regions
   * @param seed of the jitter
   * @param yaml further configuration of each router
   */
  public TestWorld(
      Path certificates,
      List<String> names,
      ToLongBiFunction<String, String> roundTripMillis,
      long seed,
      String yaml)
      throws Exception {
    TestRegion.certify(certificates, names.toArray(String[]::new));
    Map<String, Integer> ports = new HashMap<>();
    names.forEach(name -> ports.put(name, TestRegion.freePort()));
    for (String from : names) {
      Map<String, List<String>> others = new LinkedHashMap<>();
      for (String to : names) {
        if (!to.equals(from)) {
          var target = SocketAddress.inetSocketAddress(ports.get(to), "127.0.0.1");
          var distance = Distance.ofMillis(roundTripMillis.applyAsLong(from, to));
          DelayProxy link = DelayProxy.start(vertx, 0, target, distance, seed).await();
          links.put(new Way(from, to), link);
          others.put(to, List.of("127.0.0.1:" + link.port()));
        }
      }
      regions.put(from, new TestRegion(from, ports.get(from), certificates, others, 1, yaml));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> names.stream().allMatch(from -> names.stream().allMatch(to -> up(from, to))));
  }

  private boolean up(String from, String to) {
    return from.equals(to) || region(from).reaches(to);
  }

  public TestRegion region(String name) {
    TestRegion region = regions.get(name);
    if (region == null) {
      throw new IllegalArgumentException(name);
    }
    return region;
  }

  public Collection<TestRegion> regions() {
    return Collections.unmodifiableCollection(regions.values());
  }

  /** The way from a region to another one. */
  public DelayProxy link(String from, String to) {
    DelayProxy link = links.get(new Way(from, to));
    if (link == null) {
      throw new IllegalArgumentException(from + " to " + to);
    }
    return link;
  }

  /** All ways to and from a region are in that state. */
  public void links(String region, LinkState state) {
    links.forEach(
        (way, link) -> {
          if (way.from.equals(region) || way.to.equals(region)) {
            link.state(state).await();
          }
        });
  }

  @Override
  public void close() {
    regions.values().forEach(TestRegion::close);
    vertx.close().await();
  }
}
