package io.kvlane.agent.publish;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientConnectionStrategyConfig.ReconnectMode;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.core.HazelcastInstance;
import java.util.List;

/** A client of the region's Hazelcast as an agent needs it. */
public final class RegionClient {
  private RegionClient() {}

  /**
   * Starts a client that looks for the cluster in the background, for ever.
   *
   * @param cluster the cluster's name
   * @param members addresses to begin with, {@code host:port}
   */
  public static HazelcastInstance start(String cluster, List<String> members) {
    ClientConfig config = new ClientConfig();
    config.setClusterName(cluster);
    config.getNetworkConfig().setAddresses(members).setConnectionTimeout(2_000);
    config.getConnectionStrategyConfig().setAsyncStart(true).setReconnectMode(ReconnectMode.ASYNC);
    config
        .getConnectionStrategyConfig()
        .getConnectionRetryConfig()
        .setInitialBackoffMillis(200)
        .setMaxBackoffMillis(1_000)
        .setMultiplier(1.5)
        .setClusterConnectTimeoutMillis(-1);
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.client.heartbeat.interval", "1000");
    config.setProperty("hazelcast.client.heartbeat.timeout", "4000");
    config.setProperty("hazelcast.client.invocation.timeout.seconds", "4");
    // Bytes and strings travel without Java serialization: nothing else may be made of input.
    JavaSerializationFilterConfig nothing = new JavaSerializationFilterConfig();
    nothing.setDefaultsDisabled(true);
    nothing.getBlacklist().addPrefixes("");
    config.getSerializationConfig().setJavaSerializationFilterConfig(nothing);
    return HazelcastClient.newHazelcastClient(config);
  }
}
