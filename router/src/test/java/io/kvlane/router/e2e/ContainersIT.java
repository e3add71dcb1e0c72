package io.kvlane.router.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.ContainerNetwork;
import io.kvlane.router.region.TestRegion;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Two regions from the images that are shipped, in networks of their own; a proxy in both, which
 * takes 20 ms each way, is all that joins them. PostgreSQL has the policies. The last tests break
 * what the first ones need.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContainersIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long SEED = System.nanoTime();
  private static final Random RANDOM = new Random(SEED);
  private static final int ROUND_TRIP_MS = 40;
  private static final int TO_WEST = 7201;
  private static final int TO_EAST = 7202;

  @TempDir private static Path certificates;

  private static ContainerRegion east;
  private static ContainerRegion west;
  private static GenericContainer<?> postgres;
  private static GenericContainer<?> wan;

  @BeforeAll
  static void start() throws Exception {
    ContainerImages images = ContainerImages.load();
    System.out.println("seed of the prompts: " + SEED);
    TestRegion.certify(certificates, "us-east", "eu-west");
    east =
        new ContainerRegion(
            images,
            "us-east",
            "eu-west",
            "wan:" + TO_WEST,
            certificates,
            """
            policies:
              directory: /var/lib/kvlane/policies
              control: us-east
              store:
                url: jdbc:postgresql://postgres/kvlane
                user: kvlane
                passwordFile: /etc/kvlane/store-password
            """);
    west =
        new ContainerRegion(
            images,
            "eu-west",
            "us-east",
            "wan:" + TO_EAST,
            certificates,
            "policies: {directory: /var/lib/kvlane/policies, control: us-east}\n");
    postgres =
        new GenericContainer<>(DockerImageName.parse(images.postgres()))
            .withNetwork(east.network)
            .withNetworkAliases("postgres")
            .withEnv("POSTGRES_USER", "kvlane")
            .withEnv("POSTGRES_PASSWORD", ContainerRegion.STORE_PASSWORD)
            .withImagePullPolicy(ignored -> false)
            .waitingFor(Wait.forLogMessage(".*ready to accept connections.*", 1));
    postgres.start();
    wan = wan(images);
    wan.start();
    join(wan, west);
    east.start();
    west.start();
    await().atMost(SOON).ignoreExceptions().until(() -> east.complete() && west.complete());
  }

  /** The proxies between the regions, as yet in the one's network only. */
  private static GenericContainer<?> wan(ContainerImages images) {
    return new GenericContainer<>(DockerImageName.parse(images.engine()))
        .withNetwork(east.network)
        .withNetworkAliases("wan")
        .withImagePullPolicy(ignored -> false)
        .withCreateContainerCmdModifier(
            create ->
                create.withEntrypoint(
                    "java",
                    "-Xmx128m",
                    "-cp",
                    "/opt/kvlane/classpath/*:/opt/kvlane/libs/*",
                    "io.kvlane.simulator.live.link.LinkMain"))
        .withCommand(
            "--bind", "0.0.0.0", "--link", link(east, west, TO_WEST), link(west, east, TO_EAST))
        .waitingFor(Wait.forLogMessage("links ready.*\\n", 1));
  }

  private static String link(ContainerRegion from, ContainerRegion to, int port) {
    return "%s:%s:%d:%s:%d:%d:0"
        .formatted(
            from.name, to.name, port, to.routerHost(), ContainerRegion.LINK_PORT, ROUND_TRIP_MS);
  }

  private static void join(GenericContainer<?> container, ContainerRegion region) {
    container
        .getDockerClient()
        .connectToNetworkCmd()
        .withContainerId(container.getContainerId())
        .withNetworkId(region.network.getId())
        .withContainerNetwork(new ContainerNetwork().withAliases("wan"))
        .exec();
  }

  @AfterAll
  static void stop() {
    for (ContainerRegion region : new ContainerRegion[] {east, west}) {
      if (region != null) {
        System.out.println(region.logs());
      }
    }
    for (GenericContainer<?> container : new GenericContainer<?>[] {wan, postgres}) {
      if (container != null) {
        container.stop();
      }
    }
    for (ContainerRegion region : new ContainerRegion[] {east, west}) {
      if (region != null) {
        region.close();
      }
    }
  }

  @Test
  @Order(1)
  void chat_coldEverywhere_isServedWhereItIsAsked() throws Exception {
    for (ContainerRegion region : new ContainerRegion[] {east, west}) {
      Http.Chat answer = region.chat(prompt(4));

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.region()).isEqualTo(region.name);
    }
  }

  @Test
  @Order(2)
  void chat_warmInTheOtherRegionOnly_isServedThereFromItsCache() {
    var warm = new AtomicReference<String>();
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofSeconds(2)) // what the other region's digest takes to come
        .until(
            () -> {
              String before = warm.getAndSet(prompt(6_000));
              Http.Chat there = west.chat(warm.get());
              assertThat(there.status()).as(there.body()).isEqualTo(200);
              return before == null ? null : east.chat(before);
            },
            answer ->
                answer != null
                    && answer.status() == 200
                    && answer.region().equals("eu-west")
                    && answer.reported() > 4_000);
  }

  @Test
  @Order(3)
  void policy_writtenInTheControlRegion_reachesBoth() throws Exception {
    HttpResponse<String> written =
        east.put(
            "/admin/v1/policies/batch",
            """
            {"priority": 100, "consistency": "CP", "crossRegion": "NEVER",
             "match": {"headers": {"x-workload": "batch"}}}
            """);
    assertThat(written.statusCode()).as(written.body()).isEqualTo(201);

    for (ContainerRegion region : new ContainerRegion[] {east, west}) {
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                Http.Chat answer = region.chat(prompt(4), "x-workload", "batch");
                assertThat(answer.policy()).isEqualTo("batch");
                assertThat(answer.region()).isEqualTo(region.name);
              });
    }
    var rows =
        postgres.execInContainer(
            "env",
            "PGPASSWORD=" + ContainerRegion.STORE_PASSWORD,
            "psql",
            "--host=/tmp",
            "--username=kvlane",
            "--command=SELECT id FROM kvlane_resource");
    assertThat(rows.getStdout()).as(rows.getStderr()).contains("batch");
  }

  @Test
  @Order(4)
  void chat_ownEnginesGone_isServedByTheOtherRegion() throws Exception {
    east.killEngine();

    for (int i = 0; i < 5; i++) {
      Http.Chat answer = east.chat(prompt(4));
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.region()).isEqualTo("eu-west");
    }
  }

  @Test
  @Order(5)
  void chat_controlRegionStopped_goesOnUnderItsLastPolicies() throws Exception {
    east.killRouter();
    postgres.stop();

    for (int i = 0; i < 5; i++) {
      Http.Chat answer = west.chat(prompt(4), "x-workload", "batch");
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.region()).isEqualTo("eu-west");
      assertThat(answer.policy()).isEqualTo("batch");
    }
    await().atMost(SOON).until(() -> !west.reachesTheOther());
  }

  /** A prompt that nobody has sent before. */
  private static String prompt(int words) {
    return RANDOM
        .ints(words, 0, 10_000)
        .mapToObj(number -> "w" + number)
        .collect(Collectors.joining(" "));
  }
}
