package io.kvlane.router.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LoadClientTest {
  private static final Scenario PLAIN = new Scenario("plain", 2, 0, false, false);

  private Vertx vertx;
  private LoadClient client;

  static List<Scenario> small() {
    return List.of(
        PLAIN,
        new Scenario("paced", 3, 4, true, false),
        new Scenario("burst", 2, 20, false, false),
        new Scenario("paced with usage", 3, 4, true, true),
        new Scenario("burst with usage", 2, 20, false, true));
  }

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    client = new LoadClient(vertx);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @MethodSource("small")
  void first_mockEngine_everyAnswerIsWhole(Scenario scenario) throws Exception {
    Contender direct = new Contender("direct", MockUpstream.start(vertx, 0), List.of());

    Sample sample = client.first(direct, scenario, scenario.bodies(new Random(1)), 12);

    assertThat(sample.errors()).isEmpty();
    assertThat(sample.requests()).isEqualTo(12);
    assertThat(sample.chunks()).isEqualTo(12L * (scenario.streamed() ? scenario.events() : 0));
  }

  @Test
  void run_mockEngine_countsOnlyTheWindow() throws Exception {
    Contender direct = new Contender("direct", MockUpstream.start(vertx, 0), List.of());
    List<Buffer> bodies = PLAIN.bodies(new Random(1));
    client.first(direct, PLAIN, bodies, 12);

    Sample sample = client.run(direct, PLAIN, bodies, Duration.ZERO, Duration.ofSeconds(1));

    assertThat(sample.errors()).isEmpty();
    assertThat(sample.requests()).isPositive();
    assertThat(sample.window()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void first_otherAnswer_isAnErrorAndNotCounted() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end("{}"))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    Contender wrong = new Contender("wrong", server.actualPort(), List.of());

    Sample sample = client.first(wrong, PLAIN, PLAIN.bodies(new Random(1)), 3);

    assertThat(sample.errors())
        .containsOnly(
            entry("2 bytes instead of %d".formatted(MockConnection.PLAIN_BODY.length()), 3L));
    assertThat(sample.requests()).isZero();
  }

  private static Map.Entry<String, Long> entry(String reason, long count) {
    return Map.entry(reason, count);
  }
}
