package io.kvlane.router.e2e;

import io.kvlane.router.config.KeyHash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** A router, an engine and its agent in containers, in a network of their own. */
final class ContainerRegion implements AutoCloseable {
  static final String ADMIN_KEY = "containers-admin-key";
  static final String STORE_PASSWORD = "containers-store-password";
  static final int LINK_PORT = 7100;

  private static final int CLIENTS = 8100;
  private static final int ADMIN = 9100;
  private static final Duration START = Duration.ofMinutes(3);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  final String name;
  final Network network = Network.newNetwork();
  private final GenericContainer<?> router;
  private final GenericContainer<?> engine;
  private final GenericContainer<?> agent;

  /**
   * A region, not yet started.
   *
   * @param other the other region
   * @param way HOST:PORT in the network that leads to the other's link
   * @param certificates a directory with {@code ca.pem}, {@code NAME.crt.pem}, {@code NAME.key.pem}
   * @param policies its section of the configuration
   */
  ContainerRegion(
      ContainerImages images,
      String name,
      String other,
      String way,
      Path certificates,
      String policies)
      throws IOException {
    this.name = name;
    String yaml =
        """
        region: %s
        router: {id: %s-1}
        listen: {host: 0.0.0.0}
        admin:
          host: 0.0.0.0
          keys: [{id: test, hash: %s, role: admin}]
        cluster: {name: containers-%s}
        pools: [{model: %s, tokenize: {timeout: 2s}}]
        link:
          host: 0.0.0.0
          port: %d
          certificate: /etc/kvlane/region.crt.pem
          key: /etc/kvlane/region.key.pem
          trust: /etc/kvlane/ca.pem
          regions: [{name: %s, routers: ["%s"]}]
        %s
        """
            .formatted(
                name,
                name,
                KeyHash.of(ADMIN_KEY),
                name,
                Fleet.MODEL,
                LINK_PORT,
                other,
                way,
                policies);
    router =
        container(images.router(), routerHost())
            .withEnv("KVLANE_CLUSTER_HOST", routerHost())
            .withEnv("JDK_JAVA_OPTIONS", "-Xmx384m -XX:TieredStopAtLevel=1")
            .withCopyToContainer(Transferable.of(yaml), "/etc/kvlane/kvlane-router.yaml")
            .withCopyToContainer(pem(certificates, "ca.pem"), "/etc/kvlane/ca.pem")
            .withCopyToContainer(pem(certificates, name + ".crt.pem"), "/etc/kvlane/region.crt.pem")
            .withCopyToContainer(pem(certificates, name + ".key.pem"), "/etc/kvlane/region.key.pem")
            .withCopyToContainer(Transferable.of(STORE_PASSWORD), "/etc/kvlane/store-password")
            .withExposedPorts(CLIENTS, ADMIN)
            .waitingFor(Wait.forHttp("/health").forPort(CLIENTS).withStartupTimeout(START));
    engine =
        container(images.engine(), "engine")
            .withEnv("KVLANE_ENGINE_NAME", name + "-engine")
            .withEnv("KVLANE_ENGINE_MODEL", Fleet.MODEL)
            .withEnv("JDK_JAVA_OPTIONS", "-Xmx256m -XX:TieredStopAtLevel=1")
            .waitingFor(Wait.forHealthcheck().withStartupTimeout(START));
    agent =
        container(images.agent(), "agent")
            .withEnv(
                Map.of(
                    "KVLANE_AGENT_REPLICA", name + "-engine",
                    "KVLANE_AGENT_ENGINE", "http://engine:8000",
                    "KVLANE_AGENT_EVENTS", "tcp://engine:5557",
                    "KVLANE_AGENT_REPLAY", "tcp://engine:5558",
                    "KVLANE_AGENT_CLUSTER", "containers-" + name,
                    "KVLANE_AGENT_MEMBER", routerHost() + ":5701",
                    "JDK_JAVA_OPTIONS", "-Xmx160m -XX:TieredStopAtLevel=1"))
            .waitingFor(Wait.forHealthcheck().withStartupTimeout(START));
  }

  /** The router's name in its own network. */
  String routerHost() {
    return name + "-router";
  }

  private GenericContainer<?> container(String image, String alias) {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withNetwork(network)
        .withNetworkAliases(alias)
        .withImagePullPolicy(ignored -> false);
  }

  /** The image's user is not the one that copies. */
  private static Transferable pem(Path certificates, String file) throws IOException {
    return Transferable.of(Files.readAllBytes(certificates.resolve(file)), 0100644);
  }

  void start() {
    engine.start();
    router.start();
    agent.start();
  }

  /** Whether the router has its engine and the other region. */
  boolean complete() throws IOException, InterruptedException {
    String metrics = get("/metrics").body();
    return metrics.lines().anyMatch(line -> line.startsWith("kvlane_replicas_healthy 1.0"))
        && reaches(metrics);
  }

  /** Whether the router takes the other region for reachable. */
  boolean reachesTheOther() throws IOException, InterruptedException {
    return reaches(get("/metrics").body());
  }

  private static boolean reaches(String metrics) {
    return metrics.lines().anyMatch(l -> l.startsWith("kvlane_region_up{") && l.endsWith(" 1.0"));
  }

  Http.Chat chat(String prompt, String... headers) throws IOException, InterruptedException {
    return Http.chat(url(CLIENTS, ""), prompt, headers);
  }

  /** Writes a resource through the admin API. */
  HttpResponse<String> put(String path, String json) throws IOException, InterruptedException {
    return CLIENT.send(
        admin(path)
            .header("content-type", "application/json")
            .header("if-none-match", "*")
            .PUT(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return CLIENT.send(admin(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder admin(String path) {
    return HttpRequest.newBuilder(URI.create(url(ADMIN, path)))
        .header("authorization", "Bearer " + ADMIN_KEY)
        .timeout(Duration.ofSeconds(20));
  }

  private String url(int port, String path) {
    return "http://" + router.getHost() + ':' + router.getMappedPort(port) + path;
  }

  /** As by a crash. */
  void killEngine() {
    kill(engine);
    kill(agent);
  }

  void killRouter() {
    kill(router);
  }

  private static void kill(GenericContainer<?> container) {
    container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
  }

  /** What its containers have said, for a test that failed. */
  String logs() {
    var out = new StringBuilder();
    for (GenericContainer<?> container : new GenericContainer<?>[] {router, engine, agent}) {
      if (container.getContainerId() != null) {
        String log = container.getLogs();
        out.append("--- ").append(name).append(' ').append(container.getNetworkAliases());
        out.append('\n').append(log, Math.max(0, log.length() - 4_000), log.length());
      }
    }
    return out.toString();
  }

  @Override
  public void close() {
    agent.stop();
    router.stop();
    engine.stop();
    network.close();
  }
}
