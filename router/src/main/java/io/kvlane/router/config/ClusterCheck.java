package io.kvlane.router.config;

import io.kvlane.router.config.RouterConfig.Discovery;
import java.util.regex.Pattern;

/** Each way of discovery needs its own keys, and nobody should believe that others are heeded. */
final class ClusterCheck {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
  private static final Pattern CELL = Pattern.compile("[^\\s,]{1,256}");
  private static final Pattern AWS_REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-\\d");

  private ClusterCheck() {}

  static void check(String source, RouterConfig.Cluster cluster) throws ConfigException {
    String at = source + ": cluster.";
    Discovery by = cluster.discovery();
    boolean service = by == Discovery.DNS || by == Discovery.KUBERNETES;
    boolean aws = by == Discovery.AWS;
    only(at + "members", by == Discovery.STATIC, cluster.members().isEmpty(), "static");
    only(at + "service", service, cluster.service().isEmpty(), "dns or kubernetes");
    only(at + "namespace", by == Discovery.KUBERNETES, cluster.namespace().isEmpty(), "kubernetes");
    only(at + "cell", aws, cluster.cell().isEmpty(), "aws");
    only(at + "awsRegion", aws, cluster.awsRegion().isEmpty(), "aws");
    for (int i = 0; i < cluster.members().size(); i++) {
      matches(
          at + "members[" + i + "]", ConfigLoader.ADDRESS, cluster.members().get(i), "HOST:PORT");
    }
    if (service) {
      matches(at + "service", NAME, cluster.service(), "a name, since discovery goes by it");
    }
    if (aws) {
      matches(at + "cell", CELL, cluster.cell(), "the value of the members' tag, without a comma");
      if (!cluster.awsRegion().isEmpty()) {
        matches(at + "awsRegion", AWS_REGION, cluster.awsRegion(), "a region such as eu-west-1");
      }
    }
  }

  private static void only(String key, boolean heeded, boolean empty, String discovery)
      throws ConfigException {
    if (!heeded && !empty) {
      throw new ConfigException(
          key + ": set (expected: nothing, unless cluster.discovery is " + discovery + ")");
    }
  }

  private static void matches(String key, Pattern pattern, String value, String expected)
      throws ConfigException {
    if (!pattern.matcher(value).matches()) {
      throw new ConfigException(key + ": \"" + value + "\" (expected: " + expected + ")");
    }
  }
}
