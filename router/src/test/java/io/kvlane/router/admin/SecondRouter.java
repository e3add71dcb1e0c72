package io.kvlane.router.admin;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.router.cluster.RegionCluster;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.TestRegion;
import io.kvlane.router.routing.LiveRouting;
import io.kvlane.router.routing.Operations;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.util.Map;

/** A further member of a region's cluster that routes, without listeners. */
final class SecondRouter implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final HazelcastInstance hazelcast;
  private final LiveRouting routing;

  SecondRouter(TestRegion first) throws ConfigException, InterruptedException {
    RouterConfig.Cluster cluster = first.config.cluster();
    RouterConfig config =
        new ConfigLoader(Map.of())
            .parse(
                "second",
                "region: %s\nrouter: {id: %s-2}\ncluster: {name: %s, port: %d, members: [%s:%d]}"
                    .formatted(
                        first.name,
                        first.name,
                        cluster.name(),
                        TestRegion.freePort(),
                        cluster.host(),
                        cluster.port()));
    hazelcast = RegionCluster.join(config);
    routing = new LiveRouting(vertx, config, hazelcast, null, new SimpleMeterRegistry());
    routing.start();
  }

  /** How it sees a replica. */
  Operations.Service service(String replica) {
    return routing.operations().replicas().stream()
        .filter(report -> report.id().equals(replica))
        .findFirst()
        .orElseThrow()
        .service();
  }

  @Override
  public void close() {
    routing.close();
    hazelcast.shutdown();
    vertx.close().await();
  }
}
