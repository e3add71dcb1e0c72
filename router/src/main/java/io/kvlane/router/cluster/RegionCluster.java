package io.kvlane.router.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.QueueConfig;
import com.hazelcast.config.RingbufferConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.spi.merge.LatestUpdateMergePolicy;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.router.config.RouterConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Joins the region's cluster. It carries bytes and strings only: classes of libraries on the class
 * path are never deserialized.
 */
public final class RegionCluster {
  /** Frames a ring holds: at 200 a second and 4 kB each, ten seconds in 8 MB, twice with backup. */
  private static final int RING_FRAMES = 2_048;

  /** Lines that wait for the router that has the audit log. */
  private static final int AUDIT_LINES = 10_000;

  /** The attribute by which a member tells which router it is. */
  private static final String ROUTER = "kvlane.router";

  private RegionCluster() {}

  /** The routers that are members now, by name. Any thread. */
  public static Set<String> routers(HazelcastInstance hazelcast) {
    return hazelcast.getCluster().getMembers().stream()
        .map(member -> member.getAttribute(ROUTER))
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
  }

  /** Starts a member and joins the others that are listed, as far as they are there. */
  public static HazelcastInstance join(RouterConfig config) {
    RouterConfig.Cluster cluster = config.cluster();
    Config member = new Config();
    member.setClusterName(cluster.name());
    member.setInstanceName(cluster.name() + '/' + config.router().id());
    member.getMemberAttributeConfig().setAttribute(ROUTER, config.router().id());
    member.setProperty("hazelcast.logging.type", "slf4j");
    member.setProperty("hazelcast.phone.home.enabled", "false");
    member.setProperty("hazelcast.shutdownhook.enabled", "false");
    // A dead member or agent is noticed in seconds, a healed split merges in seconds.
    member.setProperty("hazelcast.heartbeat.interval.seconds", "1");
    member.setProperty("hazelcast.max.no.heartbeat.seconds", "5");
    member.setProperty("hazelcast.client.max.no.heartbeat.seconds", "10");
    member.setProperty("hazelcast.merge.first.run.delay.seconds", "5");
    member.setProperty("hazelcast.merge.next.run.delay.seconds", "5");
    member.setProperty("hazelcast.wait.seconds.before.join", "0");
    member.setProperty("hazelcast.max.join.seconds", "20");
    // There is neither TLS nor a password: no other address of the machine is listened at.
    member.setProperty("hazelcast.socket.bind.any", "false");
    // Defaults suit big machines; the map's traffic is some hundred operations a second.
    member.setProperty("hazelcast.operation.generic.thread.count", "2");
    member.setProperty("hazelcast.event.thread.count", "2");
    member.setProperty("hazelcast.io.thread.count", "2");
    member.getJetConfig().setEnabled(false);
    member.getMetricsConfig().setEnabled(false);

    // Hazelcast's own exceptions travel as Java objects; nothing else may.
    JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
    filter.setDefaultsDisabled(true);
    filter.getWhitelist().addPrefixes("com.hazelcast.", "java.lang.", "java.util.", "[");
    member.getSerializationConfig().setJavaSerializationFilterConfig(filter);

    var network = member.getNetworkConfig();
    network.setPort(cluster.port()).setPortAutoIncrement(false);
    String address = address(cluster.host());
    network.setPublicAddress(address + ':' + cluster.port());
    network.getInterfaces().setEnabled(true).addInterface(address);
    Discovery.configure(network.getJoin(), cluster);

    member.addRingBufferConfig(ring(LocalityLog.ring(0).replaceAll("\\d+$", "*")));
    member.addRingBufferConfig(ring(LocalityLog.ROUTED));
    member.addRingBufferConfig(ring(LocalityLog.DIGESTS));
    member.addMapConfig(map(LocalityLog.REPLICAS));
    // After a split the later order holds.
    member.addMapConfig(
        map(LocalityLog.DRAINS)
            .setPerEntryStatsEnabled(true)
            .setMergePolicyConfig(
                new MergePolicyConfig().setPolicy(LatestUpdateMergePolicy.class.getName())));
    member.addMapConfig(map("kvlane:policies*"));
    member.addQueueConfig(
        new QueueConfig("kvlane:audit").setMaxSize(AUDIT_LINES).setBackupCount(1));
    MapConfig snapshots = map(LocalityLog.SNAPSHOTS);
    snapshots.getEvictionConfig().setMaxSizePolicy(MaxSizePolicy.PER_NODE).setSize(100_000);
    member.addMapConfig(snapshots);
    return Hazelcast.newHazelcastInstance(member);
  }

  /** Containers know their address by the name that they were given. */
  private static String address(String host) {
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("cluster.host: \"" + host + "\" is not known", e);
    }
  }

  private static RingbufferConfig ring(String name) {
    return new RingbufferConfig(name)
        .setCapacity(RING_FRAMES)
        .setBackupCount(1)
        .setInMemoryFormat(InMemoryFormat.BINARY);
  }

  private static MapConfig map(String name) {
    return new MapConfig(name).setBackupCount(1).setInMemoryFormat(InMemoryFormat.BINARY);
  }
}
