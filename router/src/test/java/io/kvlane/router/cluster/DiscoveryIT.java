package io.kvlane.router.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.hazelcast.aws.AwsDiscoveryStrategyFactory;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.AliasedDiscoveryConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.properties.PropertyDefinition;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.kubernetes.HazelcastKubernetesDiscoveryStrategyFactory;
import com.hazelcast.logging.Logger;
import com.hazelcast.spi.discovery.DiscoveryNode;
import com.hazelcast.spi.discovery.DiscoveryStrategyFactory;
import com.sun.net.httpserver.HttpServer;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.simulator.live.link.Authority;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members find each other by each way that can be configured. */
class DiscoveryIT {
  private static final Duration START = Duration.ofMinutes(2);

  private static RouterConfig config(String cluster) throws ConfigException {
    return new ConfigLoader(Map.of()).parse("router.yaml", "cluster: {" + cluster + "}\n");
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** {@code YAML}: joins the cluster, and says by how many members each time that it changes. */
  static final class Member {
    private Member() {}

    public static void main(String[] args) throws Exception {
      HazelcastInstance member =
          RegionCluster.join(new ConfigLoader(Map.of()).parse("router.yaml", args[0]));
      member
          .getCluster()
          .addMembershipListener(
              new MembershipListener() {
                @Override
                public void memberAdded(MembershipEvent event) {
                  say(event.getMembers().size());
                }

                @Override
                public void memberRemoved(MembershipEvent event) {
                  say(event.getMembers().size());
                }
              });
      say(member.getCluster().getMembers().size());
    }

    private static void say(int members) {
      System.out.println("members " + members);
      System.out.flush();
    }
  }

  @Test
  @DisplayName("dns: members are at the addresses of one name, also those that come later")
  void dns_twoAddresses_joinOneCluster(@TempDir Path folder) throws Exception {
    int port = freePort();
    Path hosts =
        Files.writeString(
            folder.resolve("hosts"),
            "127.0.0.1 localhost %s routers.test one.test\n%s routers.test two.test\n"
                .formatted(InetAddress.getLocalHost().getHostName(), otherAddress()));
    List<Process> members = new ArrayList<>();
    try {
      Path one = start(members, folder, hosts, "one", port);
      await()
          .atMost(START)
          .failFast("the member ended", () -> !members.getFirst().isAlive())
          .until(() -> Files.readString(one).contains("members 1\n"));
      Path two = start(members, folder, hosts, "two", port);
      await().atMost(START).until(() -> Files.readString(one).contains("members 2\n"));
      await().atMost(START).until(() -> Files.readString(two).contains("members 2\n"));
    } finally {
      members.forEach(Process::destroyForcibly);
    }
  }

  /** A member listens at its one address: two of them on one port need two. */
  private static String otherAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElseGet(() -> abort("SKIPPED: this machine has no address but 127.0.0.1"));
  }

  private static Path start(List<Process> members, Path folder, Path hosts, String name, int port)
      throws IOException {
    String yaml =
        """
        router: {id: %s}
        cluster: {name: dns-test, host: %s.test, port: %d, discovery: dns, service: routers.test}
        """
            .formatted(name, name, port);
    Path output = folder.resolve(name + ".log");
    members.add(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                Member.class.getName(),
                yaml)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start());
    return output;
  }

  @Test
  @DisplayName("kubernetes: members are the endpoints of the service, ready or not")
  void kubernetes_endpointsOfTheService_areFound(@TempDir Path folder) throws Exception {
    Path authority = folder.resolve("ca.pem");
    new Authority("test", Duration.ofDays(1)).writeTrust(authority);
    List<String> asked = new ArrayList<>();
    HttpServer api = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    api.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          byte[] answer =
              """
              {"items": [{"ports": [{"port": 8100}], "endpoints": [
                {"addresses": ["10.1.0.7"], "conditions": {"ready": true}},
                {"addresses": ["10.1.0.8"], "conditions": {"ready": false}}]}]}
              """
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    api.start();
    try {
      JoinConfig join = new JoinConfig();
      Discovery.configure(
          join,
          config("port: 5799, discovery: kubernetes, service: kvlane-members, namespace: ai")
              .cluster());
      join.getKubernetesConfig()
          .setProperty("kubernetes-master", "http://127.0.0.1:" + api.getAddress().getPort())
          .setProperty("api-token", "token")
          .setProperty("ca-certificate", Files.readString(authority));

      assertThat(
              find(new HazelcastKubernetesDiscoveryStrategyFactory(), join.getKubernetesConfig()))
          .containsExactlyInAnyOrder("10.1.0.7:5799", "10.1.0.8:5799");
      assertThat(asked)
          .allMatch(path -> path.contains("/namespaces/ai/endpointslices"))
          .anyMatch(path -> path.endsWith("kubernetes.io/service-name=kvlane-members"));
    } finally {
      api.stop(0);
    }
  }

  @Test
  @DisplayName("aws: members are the running routers of the cell in the region, by their tags")
  void aws_taggedRouters_areFound(@TempDir Path folder) throws Exception {
    int port = freePort();
    Process moto = moto(folder, port);
    try {
      URI endpoint = URI.create("http://127.0.0.1:" + port);
      await()
          .atMost(START)
          .ignoreExceptions()
          .failFast("moto_server ended", () -> !moto.isAlive())
          .until(() -> ec2(endpoint, "eu-west-1", "Action=DescribeInstances").contains("<reserv"));
      Set<String> routers = new HashSet<>();
      routers.addAll(run(endpoint, "eu-west-1", "prod-eu", "router"));
      routers.addAll(run(endpoint, "eu-west-1", "prod-eu", "router"));
      run(endpoint, "eu-west-1", "prod-eu", "engine");
      run(endpoint, "eu-west-1", "test-eu", "router");
      run(endpoint, "us-east-1", "prod-eu", "router");
      JoinConfig join = new JoinConfig();
      Discovery.configure(
          join,
          config("port: 5799, discovery: aws, cell: prod-eu, awsRegion: eu-west-1").cluster());
      join.getAwsConfig()
          .setProperty("host-header", endpoint.toString())
          .setProperty("access-key", "AKIATEST")
          .setProperty("secret-key", "test");

      assertThat(find(new AwsDiscoveryStrategyFactory(), join.getAwsConfig()))
          .hasSize(2)
          .isEqualTo(routers);
    } finally {
      moto.descendants().forEach(ProcessHandle::destroyForcibly);
      moto.destroyForcibly();
    }
  }

  private static Process moto(Path folder, int port) {
    try {
      return new ProcessBuilder("moto_server", "-H", "127.0.0.1", "-p", String.valueOf(port))
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve("moto.log").toFile())
          .start();
    } catch (IOException e) {
      return abort("SKIPPED: moto_server (pip install 'moto[server]') cannot be run here");
    }
  }

  /** Starts an instance; its address, as members have it. */
  private static Set<String> run(URI endpoint, String region, String cell, String role)
      throws Exception {
    String answer =
        ec2(
            endpoint,
            region,
            "Action=RunInstances&ImageId=ami-12c6146b&MinCount=1&MaxCount=1"
                + "&TagSpecification.1.ResourceType=instance"
                + tag(1, "kvlane:cell", cell)
                + tag(2, "kvlane:role", role));
    Matcher address = Pattern.compile("<privateIpAddress>([0-9.]+)<").matcher(answer);
    assertThat(address.find()).as(answer).isTrue();
    return Set.of(address.group(1) + ":5799");
  }

  private static String tag(int number, String key, String value) {
    String of = "&TagSpecification.1.Tag." + number;
    return of + ".Key=" + URLEncoder.encode(key, StandardCharsets.UTF_8) + of + ".Value=" + value;
  }

  private static String ec2(URI endpoint, String region, String query) throws Exception {
    var request =
        HttpRequest.newBuilder(endpoint.resolve("/?Version=2016-11-15&" + query))
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/"
                    + region
                    + "/ec2/aws4_request, SignedHeaders=host, Signature=0")
            .timeout(Duration.ofSeconds(30))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  /** What a strategy finds with the properties of a configuration, as Hazelcast converts them. */
  @SuppressWarnings("rawtypes")
  private static Set<String> find(
      DiscoveryStrategyFactory factory, AliasedDiscoveryConfig<?> configured) {
    Map<String, Comparable> properties = new HashMap<>();
    for (PropertyDefinition known : factory.getConfigurationProperties()) {
      String value = configured.getProperties().get(known.key());
      if (value != null) {
        properties.put(known.key(), known.typeConverter().convert(value));
      }
    }
    assertThat(properties).hasSameSizeAs(configured.getProperties());
    var strategy =
        factory.newDiscoveryStrategy(null, Logger.getLogger(DiscoveryIT.class), properties);
    Set<String> found = new HashSet<>();
    for (DiscoveryNode node : strategy.discoverNodes()) {
      found.add(node.getPrivateAddress().getHost() + ':' + node.getPrivateAddress().getPort());
    }
    return found;
  }
}
