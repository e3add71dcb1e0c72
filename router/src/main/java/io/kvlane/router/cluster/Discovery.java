package io.kvlane.router.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.config.JoinConfig;
import io.kvlane.router.config.RouterConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** How a member finds the others: each way is Hazelcast's own. */
final class Discovery {
  /** What a router's tag {@link Tags#role} says. */
  private static final String ROUTER = "router";

  private Discovery() {}

  /** The tags of machines; deployments read the same file. */
  record Tags(String cell, String region, String role) {
    static Tags read() {
      try (InputStream in = Discovery.class.getResourceAsStream("tags.json")) {
        if (in == null) {
          throw new IllegalStateException("tags.json is not on the class path");
        }
        return new ObjectMapper().readValue(in, Tags.class);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static void configure(JoinConfig join, RouterConfig.Cluster cluster) {
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    // The other ways try to connect for as long as this says, too.
    join.getTcpIpConfig().setConnectionTimeoutSeconds(2);
    switch (cluster.discovery()) {
      case STATIC -> {
        join.getTcpIpConfig().setEnabled(true);
        cluster.members().forEach(join.getTcpIpConfig()::addMember);
      }
      case DNS ->
          join.getKubernetesConfig()
              .setEnabled(true)
              .setProperty("service-dns", cluster.service())
              .setProperty("service-port", String.valueOf(cluster.port()));
      case KUBERNETES -> {
        join.getKubernetesConfig()
            .setEnabled(true)
            .setProperty("service-name", cluster.service())
            .setProperty("service-port", String.valueOf(cluster.port()))
            // Members are never reached from outside; this spares asking for nodes and services.
            .setProperty("expose-externally", "false");
        if (!cluster.namespace().isEmpty()) {
          join.getKubernetesConfig().setProperty("namespace", cluster.namespace());
        }
      }
      case AWS -> aws(join, cluster);
    }
  }

  private static void aws(JoinConfig join, RouterConfig.Cluster cluster) {
    Tags tags = Tags.read();
    join.getAwsConfig()
        .setEnabled(true)
        // Named, so that instances are looked for, and not containers, wherever this one runs.
        .setProperty("host-header", "ec2.amazonaws.com")
        .setProperty("tag-key", tags.cell() + ',' + tags.role())
        .setProperty("tag-value", cluster.cell() + ',' + ROUTER)
        .setProperty("hz-port", String.valueOf(cluster.port()));
    if (!cluster.awsRegion().isEmpty()) {
      join.getAwsConfig().setProperty("region", cluster.awsRegion());
    }
  }
}
