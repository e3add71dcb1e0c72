package io.kvlane.router.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.LocalMapStats;
import io.kvlane.locality.log.LocalityLog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What Hazelcast knows of the region's cluster, as this member sees it. */
public final class ClusterMetrics {
  private static final List<String> MAPS =
      List.of(LocalityLog.REPLICAS, LocalityLog.SNAPSHOTS, LocalityLog.DRAINS);

  private final HazelcastInstance hazelcast;
  private final MeterRegistry registry;

  private ClusterMetrics(HazelcastInstance hazelcast, MeterRegistry registry) {
    this.hazelcast = hazelcast;
    this.registry = registry;
  }

  /** Shows it for as long as the member is one. */
  public static void register(HazelcastInstance hazelcast, MeterRegistry registry) {
    var metrics = new ClusterMetrics(hazelcast, registry);
    metrics.gauge(
        "kvlane.cluster.members",
        "Routers in the region's cluster, this one included",
        h -> h.getCluster().getMembers().size());
    metrics.gauge(
        "kvlane.cluster.clients",
        "Agents connected to this router",
        h -> h.getClientService().getConnectedClients().size());
    metrics.gauge(
        "kvlane.cluster.partitions", "Partitions that this router owns", ClusterMetrics::owned);
    MAPS.forEach(metrics::map);
  }

  private static double owned(HazelcastInstance hazelcast) {
    var here = hazelcast.getCluster().getLocalMember();
    return hazelcast.getPartitionService().getPartitions().stream()
        .filter(partition -> here.equals(partition.getOwner()))
        .count();
  }

  private void gauge(String name, String description, ToDoubleFunction<HazelcastInstance> value) {
    Gauge.builder(name, hazelcast, value).description(description).register(registry);
  }

  private void map(String name) {
    Gauge.builder("kvlane.cluster.entries", hazelcast, h -> stats(h, name).getOwnedEntryCount())
        .description("Entries of the map that this router owns")
        .tag("map", name)
        .register(registry);
    Gauge.builder("kvlane.cluster.memory", hazelcast, h -> stats(h, name).getHeapCost())
        .description("Memory that the map takes in this router, backups included")
        .baseUnit("bytes")
        .tag("map", name)
        .register(registry);
    operations(name, "get", LocalMapStats::getGetOperationCount);
    operations(name, "put", s -> s.getPutOperationCount() + s.getSetOperationCount());
    operations(name, "remove", LocalMapStats::getRemoveOperationCount);
  }

  private void operations(String map, String kind, ToDoubleFunction<LocalMapStats> count) {
    FunctionCounter.builder(
            "kvlane.cluster.operations", hazelcast, h -> count.applyAsDouble(stats(h, map)))
        .description("Operations on the map's entries that this router owns")
        .tag("map", map)
        .tag("kind", kind)
        .register(registry);
  }

  private static LocalMapStats stats(HazelcastInstance hazelcast, String map) {
    return hazelcast.getMap(map).getLocalMapStats();
  }
}
