package io.kvlane.router.region;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hazelcast.core.HazelcastInstance;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.router.MockEngine;
import io.kvlane.router.RouterServer;
import io.kvlane.router.api.Link;
import io.kvlane.router.cluster.ClusterMetrics;
import io.kvlane.router.cluster.RegionCluster;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.routing.LiveRouting;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.routing.Routing;
import io.kvlane.router.telemetry.Exemplars;
import io.kvlane.router.telemetry.Insight;
import io.kvlane.simulator.live.link.Authority;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A region with one router and mock engines, all in this process but with real sockets. */
public final class TestRegion implements AutoCloseable {
  public static final String MODEL = "kvlane-demo";
  public static final String ADMIN_KEY = "test-admin-key";

  /** Sees what concerns the tenant {@code umbrella}. */
  public static final String UMBRELLA_KEY = "test-umbrella-key";

  private static final Set<Integer> TAKEN = new HashSet<>();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  public final String name;
  public final RouterConfig config;
  public final Vertx vertx;
  public final PrometheusMeterRegistry meters = Exemplars.registry();
  public final List<MockEngine> engines = new ArrayList<>();

  /** How far this router's wall clock is off. */
  public final AtomicLong clockStepMillis = new AtomicLong();

  private final Cluster cluster;
  private final Setting setting;
  private final Regions regions;
  private final HazelcastInstance hazelcast;
  private final LiveRouting routing;
  private final ControlPlane control;
  private final Insight insight;
  private final RouterServer router;

  /**
   * Starts it.
   *
   * @param certificates a directory with {@code ca.pem}, {@code NAME.crt.pem}, {@code NAME.key.pem}
   * @param others addresses of the other regions' links
   * @param yaml further configuration
   */
  public TestRegion(
      String name,
      int linkPort,
      Path certificates,
      Map<String, List<String>> others,
      int engineCount,
      String yaml)
      throws Exception {
    this(
        name,
        1,
        new Cluster("test-" + name + '-' + System.nanoTime(), new ArrayList<>()),
        new Setting(certificates, others, yaml),
        linkPort);
    for (int i = 1; i <= engineCount; i++) {
      engines.add(new MockEngine(vertx));
      healthy(i, true);
    }
    await().until(() -> gauge("kvlane.replicas.healthy") == engineCount);
  }

  /** Two regions, each of which knows the other's link. */
  public record Pair(TestRegion us, TestRegion eu) {}

  /**
   * Starts {@code us-east}, and {@code eu-west} with one engine.
   *
   * @param certificates as {@link #certify} has written them for both
   * @param usEngines of {@code us-east}
   * @param yaml further configuration, by region
   */
  public static Pair pair(Path certificates, int usEngines, UnaryOperator<String> yaml)
      throws Exception {
    int us = freePort();
    int eu = freePort();
    return new Pair(
        new TestRegion(
            "us-east",
            us,
            certificates,
            Map.of("eu-west", List.of("127.0.0.1:" + eu)),
            usEngines,
            yaml.apply("us-east")),
        new TestRegion(
            "eu-west",
            eu,
            certificates,
            Map.of("us-east", List.of("127.0.0.1:" + us)),
            1,
            yaml.apply("eu-west")));
  }

  private record Cluster(String name, List<Integer> ports) {}

  private record Setting(Path certificates, Map<String, List<String>> others, String yaml) {}

  private TestRegion(String name, int number, Cluster cluster, Setting setting, int linkPort)
      throws Exception {
    this.name = name;
    this.cluster = cluster;
    this.setting = setting;
    vertx =
        Vertx.builder()
            .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2))
            .build();
    int member = freePort();
    cluster.ports.add(member);
    StringBuilder regions = new StringBuilder();
    setting.others.forEach(
        (other, routers) ->
            regions.append("    - {name: %s, routers: %s}\n".formatted(other, routers)));
    Path certificates = setting.certificates;
    config =
        config(
            """
            region: %s
            router: {id: %s-%d}
            listen: {port: 0}
            admin:
              port: 0
              requestsPerSecond: 10000
              keys:
                - {id: test, hash: %s, role: admin}
                - {id: umbrella, hash: %s, role: viewer, tenants: [umbrella]}
            eventLoops: 1
            cluster: {name: %s, port: %d, members: %s}
            %s
            link:
              port: %d
              certificate: %s
              key: %s
              trust: %s
              regions:
            %s
            """
                    .formatted(
                        name,
                        name,
                        number,
                        KeyHash.of(ADMIN_KEY),
                        KeyHash.of(UMBRELLA_KEY),
                        cluster.name,
                        member,
                        cluster.ports.stream().map(port -> "127.0.0.1:" + port).toList(),
                        setting.yaml.contains("pools:")
                            ? ""
                            : "pools: [{model: " + MODEL + ", keySpace: text}]",
                        linkPort,
                        certificates.resolve(name + ".crt.pem"),
                        certificates.resolve(name + ".key.pem"),
                        certificates.resolve("ca.pem"),
                        regions)
                + setting.yaml);
    hazelcast = RegionCluster.join(config);
    ClusterMetrics.register(hazelcast, meters);
    var identity = new LinkIdentity(config.link());
    this.regions = new Regions(vertx, config.link(), identity, meters);
    control = ControlPlane.of(vertx, config, hazelcast, this.regions, meters);
    control.start();
    routing =
        new LiveRouting(
            vertx,
            config,
            hazelcast,
            this.regions,
            control.policies(),
            meters,
            () -> System.currentTimeMillis() + clockStepMillis.get());
    routing.start();
    insight = Insight.of(config, hazelcast, () -> RegionCluster.routers(hazelcast));
    router =
        new RouterServer(
            vertx,
            config,
            routing,
            new Link(config, identity, this.regions, meters),
            control,
            routing.operations(),
            insight,
            meters);
    router.start().await();
    this.regions.start().await();
  }

  /** Starts one more router of this region, with the same engines. */
  public TestRegion another(int linkPort) throws Exception {
    return another(linkPort, setting.yaml);
  }

  /** The same with other further configuration. */
  public TestRegion another(int linkPort, String yaml) throws Exception {
    TestRegion another =
        new TestRegion(
            name,
            cluster.ports.size() + 1,
            cluster,
            new Setting(setting.certificates, setting.others, yaml),
            linkPort);
    another.engines.addAll(engines);
    return another;
  }

  /** Whether each entry of the cluster is held by two members. */
  public boolean isSafe() {
    return hazelcast.getPartitionService().isClusterSafe();
  }

  /** Where the other regions' routers reach it. */
  public int linkPort() {
    return router.linkPort();
  }

  public Routing routing() {
    return routing;
  }

  /** What an operator of the region may do. */
  public Operations operations() {
    return routing.operations();
  }

  /** What the router knows of the others. */
  public Regions regions() {
    return regions;
  }

  /** Writes {@code ca.pem}, and a certificate and key for each region. */
  public static Authority certify(Path directory, String... regions) throws IOException {
    Authority authority = new Authority("test", Duration.ofHours(1));
    authority.writeTrust(directory.resolve("ca.pem"));
    for (String region : regions) {
      authority.issue(
          region,
          Duration.ofHours(1),
          directory.resolve(region + ".crt.pem"),
          directory.resolve(region + ".key.pem"));
    }
    return authority;
  }

  private static RouterConfig config(String yaml) {
    try {
      return new ConfigLoader(Map.of()).parse("test", yaml);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * A port that nobody else of this process is given, and that no connection takes meanwhile: the
   * system gives them others.
   */
  public static synchronized int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (TAKEN.add(socket.getLocalPort())) {
          return port;
        }
      } catch (BindException e) {
        // somebody has it: another one, then
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What the agent of engine {@code i}, from 1, says. */
  public void healthy(int i, boolean healthy) {
    says(i, healthy, 0);
  }

  /** It says that requests in flight take this share of the engine's cache. */
  public void inUse(int i, double share) {
    says(i, true, share);
  }

  private void says(int i, boolean healthy, double kvUsage) {
    StaticReplica replica = new StaticReplica(name + "-engine-" + i, engines.get(i - 1));
    var state =
        new ReplicaState(
            replica.id,
            "http://127.0.0.1:" + replica.engine.replica("").port(),
            List.of(MODEL),
            healthy,
            1,
            -1,
            false,
            16,
            1_000_000,
            0,
            0,
            kvUsage);
    try {
      hazelcast
          .getMap(LocalityLog.REPLICAS)
          .put(replica.id, new ObjectMapper().writeValueAsString(state));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private record StaticReplica(String id, MockEngine engine) {}

  public MockEngine engine() {
    return engines.getFirst();
  }

  public int port() {
    return router.port();
  }

  public String adminUrl() {
    return router.adminUrl();
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(router.url() + path)).timeout(Duration.ofSeconds(30));
  }

  public HttpResponse<String> chat(String prompt, String... headers)
      throws IOException, InterruptedException {
    return post(
        "{\"model\":\""
            + MODEL
            + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + prompt
            + "\"}]}",
        headers);
  }

  /**
   * Asks for a completion.
   *
   * @param headers names and values
   */
  public HttpResponse<String> post(String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request("/v1/chat/completions").header("content-type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(
        request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Whether it sees that region. */
  public boolean reaches(String other) {
    return meters.get("kvlane.region.up").tag("to", other).gauge().value() == 1;
  }

  public double gauge(String meter, String... tags) {
    return meters.get(meter).tags(tags).gauge().value();
  }

  /** The sum of the counters with that name and those tags; 0 if there are none. */
  public double count(String meter, String... tags) {
    return meters.find(meter).tags(tags).meters().stream()
        .mapToDouble(found -> found.measure().iterator().next().getValue())
        .sum();
  }

  /** Stops the router as SIGTERM would: what is under way may end. */
  public Future<Void> drain() {
    return router.stop();
  }

  /** Ends it at once, as a crash would. */
  @Override
  public void close() {
    routing.close();
    control.close();
    insight.close();
    try {
      vertx.close().await(1, TimeUnit.MINUTES);
    } catch (TimeoutException e) {
      throw new IllegalStateException("A router of " + name + " does not end", e);
    }
    hazelcast.getLifecycleService().terminate();
  }
}
