package io.kvlane.router.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.locality.log.DrainState;
import io.kvlane.router.MockEngine;
import io.kvlane.router.config.KeyHash;
import io.kvlane.simulator.live.link.Distance;
import io.kvlane.simulator.live.link.LinkState;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three regions, and a tenant for each set of them, whose key names the set. What digests may tell
 * (RES-5) is not seen here.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ResidencyIT {
  private static final List<String> NAMES = List.of("us-east", "eu-west", "ap-northeast");
  private static final int REQUESTS = 10_000;
  private static final int CLIENTS = 24;
  private static final int EVENT_EVERY = 200;
  private static final int CRASH_AT = 8_000;

  @TempDir private static Path certificates;

  private static TestWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = new TestWorld(certificates, NAMES, (from, to) -> 1, 1, config());
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  /** All sets of regions but the empty one. */
  private static List<List<String>> sets() {
    List<List<String>> sets = new ArrayList<>();
    for (int bits = 1; bits < 1 << NAMES.size(); bits++) {
      int chosen = bits;
      sets.add(NAMES.stream().filter(n -> (chosen >> NAMES.indexOf(n) & 1) == 1).toList());
    }
    return sets;
  }

  private static String key(List<String> set) {
    return String.join("+", set);
  }

  private static String config() {
    return """
    pools: [{model: kvlane-demo, keySpace: text, maxRequestsPerReplica: 6}]
    queue: {length: 64, timeout: 500ms}
    timeouts: {connect: 500ms, firstByte: 1s, answer: 1s}
    access: {anonymous: false}
    tenants:
    """
        + sets().stream()
            .map(
                set ->
                    "  - {name: %s, salt: s, keys: [%s], regions: [%s]}\n"
                        .formatted(key(set), KeyHash.of(key(set)), String.join(", ", set)))
            .collect(Collectors.joining());
  }

  private static TestRegion us() {
    return world.region("us-east");
  }

  private static TestRegion eu() {
    return world.region("eu-west");
  }

  /** A prompt that says where it may be seen. */
  private static HttpResponse<String> chat(TestRegion at, List<String> set, String... headers)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("authorization", "Bearer " + key(set)));
    return at.post(body(key(set)), all.toArray(String[]::new));
  }

  private static String body(String prompt) {
    return "{\"model\":\"kvlane-demo\",\"messages\":[{\"role\":\"user\",\"content\":\"only "
        + prompt
        + " \"}]}";
  }

  private static void healthy(TestRegion region, boolean healthy) {
    region.healthy(1, healthy);
    world.regions().stream()
        .filter(other -> other != region)
        .forEach(
            other ->
                await()
                    .untilAsserted(
                        () ->
                            assertThat(chat(other, List.of(region.name)).statusCode())
                                .isEqualTo(healthy ? 200 : 503)));
  }

  @BeforeEach
  void allWell() {
    world.regions().forEach(region -> region.engine().always(MockEngine.json(200, "{}")));
  }

  private static double sum(String meter) {
    return world.regions().stream().mapToDouble(region -> region.count(meter)).sum();
  }

  private static void assertNoBodyLeft() {
    for (TestRegion region : world.regions()) {
      assertThat(region.engine().seen())
          .allMatch(
              seen ->
                  List.of(seen.text().split("only ")[1].split(" ")[0].split("\\+"))
                      .contains(region.name));
    }
    assertThat(sum("kvlane.residency.violations")).isZero();
    assertThat(sum("kvlane.residency.attempts")).isPositive();
  }

  @Test
  @Order(1)
  @DisplayName("RES-2: no allowed region can serve: 503 that names the rule")
  void chat_noAllowedRegionServes_isRefusedByName() throws Exception {
    healthy(us(), false);
    double refused = us().count("kvlane.residency.refused");
    int calls = eu().engine().calls();
    HttpResponse<String> answer = chat(us(), List.of("us-east"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"no-allowed-region\"", "[us-east]");
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(us().count("kvlane.residency.refused")).isEqualTo(refused + 1);
    assertThat(eu().engine().calls()).isEqualTo(calls);
    assertThat(chat(us(), List.of("us-east", "eu-west")).statusCode()).isEqualTo(200);
    healthy(us(), true);
    assertNoBodyLeft();
  }

  @Test
  @Order(2)
  @DisplayName("RES-3: the list applies before cost, and what it leaves out is counted")
  void chat_ownRegionCheaperButNotAllowed_goesWhereItMay() throws Exception {
    double leftOut = us().count("kvlane.residency.candidates.refused", "to", "us-east");
    HttpResponse<String> answer = chat(us(), List.of("eu-west"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-kvlane-region")).contains("eu-west");
    assertThat(us().count("kvlane.residency.candidates.refused", "to", "us-east"))
        .isEqualTo(leftOut + 1);
    assertNoBodyLeft();
  }

  @Test
  @Order(3)
  @DisplayName("RES-3: a client may narrow the list, never widen it")
  void chat_clientNamesRegions_isNarrowedOnly() throws Exception {
    List<String> two = List.of("us-east", "eu-west");

    assertThat(
            chat(us(), two, "x-kvlane-regions", "eu-west").headers().firstValue("x-kvlane-region"))
        .contains("eu-west");
    assertThat(
            chat(us(), List.of("eu-west"), "x-kvlane-regions", "us-east, eu-west")
                .headers()
                .firstValue("x-kvlane-region"))
        .contains("eu-west");
    HttpResponse<String> none = chat(us(), two, "x-kvlane-regions", "ap-northeast");
    assertThat(none.statusCode()).isEqualTo(503);
    assertThat(none.body()).contains("no-allowed-region", "none in common");
    assertNoBodyLeft();
  }

  @Test
  @Order(4)
  @DisplayName("RES-4: the receiving router refuses a wrong forward")
  void forward_senderIgnoresTheRule_isRefusedAtTheReceiver() throws Exception {
    int calls = eu().engine().calls();
    double refused = eu().count("kvlane.residency.refused");
    Vertx vertx = Vertx.vertx();
    try {
      assertThat(forward(vertx, List.of("eu-west"), "a")).isEqualTo(200);
      assertThat(forward(vertx, List.of("us-east"), "b")).isEqualTo(503);
    } finally {
      vertx.close().await();
    }
    assertThat(eu().engine().calls()).isEqualTo(calls + 1);
    assertThat(eu().count("kvlane.residency.refused")).isEqualTo(refused + 1);
    assertNoBodyLeft();
  }

  /** What a router of us-east would get that sends to eu-west whatever it likes. */
  private static int forward(Vertx vertx, List<String> set, String number) throws TimeoutException {
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(false)
            .setTrustOptions(
                new PemTrustOptions().addCertPath(certificates.resolve("ca.pem").toString()))
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertPath(certificates.resolve("us-east.crt.pem").toString())
                    .addKeyPath(certificates.resolve("us-east.key.pem").toString()));
    var client = vertx.createHttpClient(options);
    int port = eu().linkPort();
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", Regions.STATE_PATH)
        .compose(request -> request.send())
        .compose(response -> response.body())
        .compose(
            state ->
                client
                    .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
                    .compose(
                        request -> {
                          String ticket = new JsonObject(state).getString("ticket");
                          request.putHeader("authorization", "Bearer " + key(set));
                          request.putHeader(Hop.PASS, ticket + "-rogue-" + number);
                          return request.send(body(key(set)));
                        }))
        .map(response -> response.statusCode())
        .await(10, TimeUnit.SECONDS);
  }

  @Test
  @Order(5)
  @DisplayName("RES-4: no client can have the receiver forget who asks")
  void chat_credentialsCalledTheConnections_areForwardedAllTheSame() throws Exception {
    String body = body("eu-west");
    try (Socket socket = new Socket("127.0.0.1", us().port())) {
      socket.setSoTimeout(10_000);
      String head =
          """
          POST /v1/chat/completions HTTP/1.1
          host: test
          connection: authorization, x-kvlane-regions
          authorization: Bearer eu-west
          x-kvlane-regions: eu-west
          content-type: application/json
          content-length: %d

          """
              .formatted(body.length())
              .replace("\n", "\r\n");
      socket.getOutputStream().write((head + body).getBytes(UTF_8));

      assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
          .isEqualTo("HTTP/1.1 200");
    }
    assertNoBodyLeft();
  }

  @Test
  @Order(6)
  @DisplayName(
      "RES-1: regions down, slow, full and drained, links too: no body where it may not be")
  void chat_regionsFail_noBodyLeavesItsRegions() throws Exception {
    long seed = System.nanoTime();
    System.out.println("RES-1 seed " + seed);
    Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    AtomicInteger next = new AtomicInteger();
    Random events = new Random(seed);
    List<Thread> clients = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      Random random = new Random(seed + c + 1);
      clients.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
                      if (i % EVENT_EVERY == 0) {
                        happen(events);
                      }
                      if (i == CRASH_AT) {
                        eu().close();
                      }
                      statuses
                          .computeIfAbsent(ask(random, i), status -> new AtomicInteger())
                          .incrementAndGet();
                    }
                  }));
    }
    for (Thread client : clients) {
      client.join();
    }
    System.out.println("RES-1 answers by status: " + new TreeMap<>(statuses));

    assertThat(statuses.keySet()).contains(200).isSubsetOf(200, 429, 502, 503, 504);
    assertNoBodyLeft();
    allIsWellButTheCrashedRegion();
    assertNoBodyLeft();
  }

  /**
   * How many were served meanwhile is the seed's doing; that all are served again is the routers'.
   */
  private static void allIsWellButTheCrashedRegion() {
    List<TestRegion> left = world.regions().stream().filter(region -> region != eu()).toList();
    for (TestRegion region : left) {
      region.engine().always(MockEngine.json(200, "{}"));
      region.healthy(1, true);
      order(region, DrainState.Action.RESUME);
      left.forEach(other -> link(region, other, LinkState.UP, 1));
    }
    for (TestRegion region : left) {
      for (List<String> set : sets()) {
        int expected = set.equals(List.of(eu().name)) ? 503 : 200;
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () -> assertThat(chat(region, set).statusCode()).as(key(set)).isEqualTo(expected));
      }
    }
  }

  private static int ask(Random random, int i) {
    List<List<String>> sets = sets();
    List<String> set = sets.get(random.nextInt(sets.size()));
    List<String> usable = i < CRASH_AT ? NAMES : List.of("us-east", "ap-northeast");
    TestRegion at = world.region(usable.get(random.nextInt(usable.size())));
    List<String> wish = sets.get(random.nextInt(sets.size()));
    // What a router was answering when it crashed may end in any way.
    boolean dying = at.name.equals("eu-west") && i > CRASH_AT - 10 * CLIENTS;
    try {
      int status =
          random.nextInt(4) > 0
              ? chat(at, set).statusCode()
              : chat(at, set, "x-kvlane-regions", String.join(",", wish)).statusCode();
      return dying && status == 500 ? 503 : status;
    } catch (IOException e) {
      return dying ? 503 : -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Something befalls a region, or a link. */
  private static synchronized void happen(Random random) {
    TestRegion region = world.region(NAMES.get(random.nextInt(NAMES.size())));
    TestRegion other = world.region(NAMES.get(random.nextInt(NAMES.size())));
    MockEngine engine = region.engine();
    MockEngine.Script well = MockEngine.json(200, "{}");
    try {
      switch (random.nextInt(9)) {
        case 0 -> engine.always(MockEngine.reset());
        case 1 -> engine.always(MockEngine.json(503, "{}"));
        case 2 -> engine.always(MockEngine.json(429, "{}"));
        case 3 -> engine.always(engine.after(20, well));
        case 4 ->
            order(
                region,
                random.nextBoolean() ? DrainState.Action.DRAIN : DrainState.Action.EVACUATE);
        case 5, 6 -> {
          engine.always(well);
          order(region, DrainState.Action.RESUME);
        }
        case 7 -> link(region, other, random.nextBoolean() ? LinkState.CUT : LinkState.UP, 1);
        default -> link(region, other, LinkState.UP, random.nextInt(200));
      }
      region.healthy(1, random.nextInt(4) > 0);
    } catch (IllegalStateException e) {
      assertThat(region).isSameAs(eu()); // it has crashed
    }
  }

  private static void link(TestRegion from, TestRegion to, LinkState state, int roundTripMillis) {
    if (from != to) {
      world.link(from.name, to.name).distance(Distance.ofMillis(roundTripMillis));
      world.link(from.name, to.name).state(state).await();
    }
  }

  private static void order(TestRegion region, DrainState.Action action) {
    region.operations().give(DrainState.Kind.REGION, region.name, action).await();
  }
}
