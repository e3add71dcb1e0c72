package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.RouterFixture;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.simulator.live.link.Authority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Who is let in at eu-west's link, which knows us-east alone, and whom its routers believe. */
class LinkSecurityIT {
  private static final String CHAT =
      "{\"model\":\"kvlane-demo\",\"messages\":[{\"role\":\"user\",\"content\":\"a secret"
          + " plan\"}]}";
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir private static Path dir;

  private static final AtomicInteger names = new AtomicInteger();
  private static Authority authority;
  private static TestRegion there;
  private static int linkPort;
  private static Vertx vertx;

  private final List<HttpClientAgent> clients = new ArrayList<>();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger("io.kvlane.router");

  /** A certificate and its key. */
  private record Identity(Path certificate, Path key) {
    /** Lies where another one lay, as if renewed. */
    void replace(Identity old) throws IOException {
      Files.copy(key, old.key, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(certificate, old.certificate, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    authority = TestRegion.certify(dir, "us-east", "eu-west", "ap-northeast");
    vertx = Vertx.vertx();
    linkPort = TestRegion.freePort();
    there =
        new TestRegion(
            "eu-west",
            linkPort,
            dir,
            Map.of("us-east", List.of("127.0.0.1:" + TestRegion.freePort())),
            1,
            "");
  }

  @AfterAll
  static void stop() {
    there.close();
    vertx.close().await();
  }

  @BeforeEach
  void listen() {
    logged.start();
    log.addAppender(logged);
    log.setLevel(Level.INFO);
    log.setAdditive(false);
  }

  @AfterEach
  void closeClients() {
    log.detachAppender(logged);
    log.setLevel(null);
    log.setAdditive(true);
    clients.forEach(client -> client.close().await());
  }

  private static Identity issued(Authority by, Instant from, Instant to, String... regions)
      throws IOException {
    int number = names.incrementAndGet();
    Identity made =
        new Identity(dir.resolve(number + ".crt.pem"), dir.resolve(number + ".key.pem"));
    by.issue(List.of(regions), from, to, made.certificate, made.key);
    return made;
  }

  private static Identity valid(String... regions) throws IOException {
    return issued(authority, Instant.now().minus(HOUR), Instant.now().plus(HOUR), regions);
  }

  private static Identity expired(String region) throws IOException {
    return issued(authority, Instant.now().minus(HOUR), Instant.now().minusSeconds(1), region);
  }

  private HttpClientAgent client(@Nullable Identity identity) {
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(false)
            .setTrustOptions(new PemTrustOptions().addCertPath(dir.resolve("ca.pem").toString()));
    if (identity != null) {
      options.setKeyCertOptions(
          new PemKeyCertOptions()
              .addCertPath(identity.certificate.toString())
              .addKeyPath(identity.key.toString()));
    }
    HttpClientAgent client = vertx.createHttpClient(options);
    clients.add(client);
    return client;
  }

  /** Over a connection of its own. */
  private static RegionState state(HttpClient client) throws Exception {
    Buffer body =
        client
            .request(HttpMethod.GET, linkPort, "127.0.0.1", Regions.STATE_PATH)
            .compose(
                request ->
                    request
                        .send()
                        .compose(response -> response.body())
                        .eventually(() -> request.connection().close()))
            .await(10, TimeUnit.SECONDS);
    return new ObjectMapper().readValue(body.getBytes(), RegionState.class);
  }

  private static int forward(HttpClientAgent client, Map<String, String> headers) throws Exception {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(linkPort)
            .setURI("/v1/chat/completions");
    headers.forEach(options::addHeader);
    return client
        .request(options)
        .compose(request -> request.send(CHAT))
        .map(response -> response.statusCode())
        .await(10, TimeUnit.SECONDS);
  }

  private static double refused(String reason) {
    return there.count("kvlane.link.refused", "reason", reason);
  }

  private void assertNotLetIn(@Nullable Identity identity) {
    double before = refused("certificate");
    int calls = there.engine().calls();
    HttpClientAgent stranger = client(identity);

    assertThatThrownBy(() -> state(stranger)).isInstanceOf(Exception.class);
    assertThatThrownBy(() -> forward(stranger, Map.of())).isInstanceOf(Exception.class);
    await().untilAsserted(() -> assertThat(refused("certificate")).isEqualTo(before + 2));
    assertThat(there.engine().calls()).isEqualTo(calls);
    assertThat(messages()).anyMatch(message -> message.contains("refused"));
  }

  /** What was logged; it never holds what is secret. */
  private List<String> messages() {
    List<String> messages =
        List.copyOf(logged.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertThat(messages).noneMatch(message -> message.contains("PRIVATE KEY"));
    assertThat(messages).noneMatch(message -> message.contains("secret"));
    return messages;
  }

  @Test
  void connect_validCertificate_isLetIn() throws Exception {
    assertThat(state(client(valid("us-east"))).region()).isEqualTo("eu-west");
  }

  @Test
  void connect_unknownAuthority_isRefusedAndCounted() throws Exception {
    Authority stranger = new Authority("test", HOUR);

    assertNotLetIn(
        issued(stranger, Instant.now().minus(HOUR), Instant.now().plus(HOUR), "us-east"));
  }

  @Test
  void connect_expired_isRefusedAndCounted() throws Exception {
    assertNotLetIn(expired("us-east"));
  }

  @Test
  void connect_notYetValid_isRefusedAndCounted() throws Exception {
    assertNotLetIn(
        issued(
            authority, Instant.now().plus(HOUR), Instant.now().plus(HOUR.plus(HOUR)), "us-east"));
  }

  @Test
  void connect_regionNotConfigured_isRefusedAndCounted() throws Exception {
    assertNotLetIn(valid("ap-northeast"));
  }

  @Test
  void connect_noRegionInTheCertificate_isRefusedAndCounted() throws Exception {
    assertNotLetIn(valid());
  }

  @Test
  void connect_twoRegionsInTheCertificate_isRefusedAndCounted() throws Exception {
    assertNotLetIn(valid("us-east", "ap-northeast"));
  }

  @Test
  void connect_noCertificate_isRefusedAndCounted() {
    assertNotLetIn(null);
  }

  @Test
  void connect_withoutTls_isRefusedAndCounted() throws Exception {
    double before = refused("certificate");
    try (Socket socket = new Socket("127.0.0.1", linkPort)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(RouterFixture.raw("/v1/chat/completions", CHAT));

      assertThat(new String(socket.getInputStream().readAllBytes())).doesNotContain("HTTP/");
    }
    await().untilAsserted(() -> assertThat(refused("certificate")).isEqualTo(before + 1));
    assertThat(messages()).anyMatch(message -> message.contains("refused"));
  }

  @Test
  void connect_authorityNoLongerTrusted_isRefusedEvenIfItCouldResumeItsSession() throws Exception {
    Authority former = new Authority("former", HOUR);
    Path trust = dir.resolve("ca.pem");
    String only = Files.readString(trust);
    former.writeTrust(dir.resolve("former.pem"));
    Files.writeString(trust, only + Files.readString(dir.resolve("former.pem")));
    Identity identity =
        issued(former, Instant.now().minus(HOUR), Instant.now().plus(HOUR), "us-east");
    HttpClientAgent client = client(identity);
    try {
      eventually(() -> assertThat(state(client).region()).isEqualTo("eu-west"));
    } finally {
      Files.writeString(trust, only);
    }

    eventually(() -> assertThatThrownBy(() -> state(client(identity))).isNotNull());
    assertThatThrownBy(() -> state(client)).isNotNull();
  }

  @Test
  void forward_samePassTwice_isServedOnce() throws Exception {
    double before = refused("pass");
    int calls = there.engine().calls();
    HttpClientAgent client = client(valid("us-east"));
    Map<String, String> pass = Map.of("x-kvlane-link-pass", state(client).ticket() + "-test-1");

    assertThat(forward(client, pass)).isEqualTo(200);
    assertThat(forward(client, pass)).isEqualTo(403);
    assertThat(there.engine().calls()).isEqualTo(calls + 1);
    assertThat(refused("pass")).isEqualTo(before + 1);
    assertThat(messages())
        .anyMatch(message -> message.contains("without a good pass"))
        .noneMatch(message -> message.contains(pass.values().iterator().next()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789abcdef-test-1", "garbage", "-", "", "none"})
  void forward_passOfNobody_isRefusedAndCounted(String pass) throws Exception {
    double before = refused("pass");
    int calls = there.engine().calls();
    HttpClientAgent client = client(valid("us-east"));

    assertThat(forward(client, pass.equals("none") ? Map.of() : Map.of("x-kvlane-link-pass", pass)))
        .isEqualTo(403);
    assertThat(refused("pass")).isEqualTo(before + 1);
    assertThat(there.engine().calls()).isEqualTo(calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-kvlane-tenant", "x-kvlane-region"})
  void forward_forgedHeader_isRefusedAndCounted(String header) throws Exception {
    double before = there.count("kvlane.requests.forged");
    HttpClientAgent client = client(valid("us-east"));
    String pass = state(client).ticket() + '-' + header;

    assertThat(forward(client, Map.of("x-kvlane-link-pass", pass, header, "eu-west")))
        .isEqualTo(400);
    assertThat(there.count("kvlane.requests.forged")).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-kvlane-tenant", "X-KVLane-Region", "x-kvlane-link-pass"})
  void client_forgedHeader_isRefusedAndCounted(String header) throws Exception {
    double before = there.count("kvlane.requests.forged");
    int calls = there.engine().calls();

    assertThat(there.post(CHAT, header, "eu-west").statusCode()).isEqualTo(400);
    assertThat(there.count("kvlane.requests.forged")).isEqualTo(before + 1);
    assertThat(there.engine().calls()).isEqualTo(calls);
  }

  @Test
  void forward_engine_getsNeitherPassNorCredentials() throws Exception {
    HttpClientAgent client = client(valid("us-east"));
    forward(
        client,
        Map.of(
            "x-kvlane-link-pass",
            state(client).ticket() + "-engine",
            "x-kvlane-regions",
            "eu-west",
            "authorization",
            "Bearer key"));

    assertThat(there.engine().last().headers().names())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-kvlane"))
        .doesNotContain("authorization");
  }

  /** A router of us-east without clients, that asks after eu-west at {@code port}. */
  private Regions watch(Identity identity, int port, SimpleMeterRegistry meters) throws Exception {
    var link =
        new RouterConfig.Link(
            "127.0.0.1",
            0,
            identity.certificate.toString(),
            identity.key.toString(),
            dir.resolve("ca.pem").toString(),
            RouterConfig.Forward.WORTH,
            RouterConfig.Failover.NEAREST,
            RouterConfig.DEFAULTS.link().digest(),
            List.of(new RouterConfig.OtherRegion("eu-west", List.of("127.0.0.1:" + port))));
    Regions regions = new Regions(vertx, link, new LinkIdentity(link), meters);
    regions.start().await();
    return regions;
  }

  private static boolean up(SimpleMeterRegistry meters) {
    return meters.get("kvlane.region.up").gauge().value() == 1;
  }

  @Test
  void renewed_expiredCertificate_heals() throws Exception {
    var meters = new SimpleMeterRegistry();
    Identity identity = expired("us-east");
    double before = refused("certificate");
    watch(identity, linkPort, meters);

    await().until(() -> refused("certificate") > before);
    assertThat(up(meters)).isFalse();
    valid("us-east").replace(identity);
    eventually(() -> assertThat(up(meters)).isTrue());
  }

  @Test
  void renewed_keyOfAnotherCertificate_leavesTheFormerInUse() throws Exception {
    var meters = new SimpleMeterRegistry();
    Identity identity = valid("us-east");
    Regions regions = watch(identity, linkPort, meters);
    await().until(() -> up(meters));
    Files.copy(valid("us-east").key, identity.key, StandardCopyOption.REPLACE_EXISTING);

    await().until(() -> messages().stream().anyMatch(m -> m.contains("could not be read again")));
    assertThat(ask(regions).region()).isEqualTo("eu-west");
  }

  /** Over connections of its own. */
  private RegionState ask(Regions regions) throws Exception {
    Promise<LinkClients> made = Promise.promise();
    vertx.getOrCreateContext().runOnContext(turn -> made.complete(regions.clients()));
    OtherRegion region = regions.all().getFirst();
    return state(made.future().await().client(region.peers().getFirst()));
  }

  @Test
  void serverOfAnotherRegion_isNotBelievedAndLogged() throws Exception {
    var meters = new SimpleMeterRegistry();
    Identity another = valid("ap-northeast");
    String said =
        new ObjectMapper()
            .writeValueAsString(
                new RegionState("eu-west", "liar", false, "t", List.of(), List.of()));
    AtomicInteger asked = new AtomicInteger();
    HttpServer liar =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .addCertPath(another.certificate.toString())
                            .addKeyPath(another.key.toString())))
            .requestHandler(
                request -> {
                  asked.incrementAndGet();
                  request.response().end(said);
                });
    try {
      int port = liar.listen(0, "127.0.0.1").await().actualPort();
      watch(valid("us-east"), port, meters);

      await().until(() -> messages().stream().anyMatch(m -> m.contains("ap-northeast")));
      assertThat(up(meters)).isFalse();
      assertThat(asked).hasValue(0);
    } finally {
      liar.close().await();
    }
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .untilAsserted(assertion);
  }
}
