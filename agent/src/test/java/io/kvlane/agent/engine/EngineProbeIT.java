package io.kvlane.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.agent.engine.EngineStatus.Health;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineProbeIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Vertx vertx = Vertx.vertx();
  private final List<Health> healths = new CopyOnWriteArrayList<>();
  private final AtomicInteger late = new AtomicInteger();
  private final AtomicInteger unwell = new AtomicInteger();
  private volatile String metrics = "process_start_time_seconds 100\n";
  private HttpServer server;
  private EngineProbe probe;

  @BeforeEach
  void start() throws Exception {
    server = listen(0);
    URI engine = URI.create("http://127.0.0.1:" + server.actualPort() + "/");
    probe = new EngineProbe(vertx, engine, status -> healths.add(status.health()));
    awaitHealth(Health.HEALTHY);
  }

  @AfterEach
  void stop() throws Exception {
    probe.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private HttpServer listen(int port) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(this::answer)
        .listen(port, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private void answer(HttpServerRequest request) {
    switch (request.path()) {
      case "/health" -> {
        if (late.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          return;
        }
        boolean bad = unwell.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        request.response().setStatusCode(bad ? 503 : 200).end();
      }
      case "/v1/models" ->
          request
              .response()
              .end(
                  "{\"data\":[{\"id\":\"adapter\",\"parent\":\"m\"},{\"id\":\"m\",\"parent\":null}]}");
      default -> request.response().end(metrics);
    }
  }

  private void awaitHealth(Health health) {
    await().atMost(LIMIT).until(() -> probe.status().health() == health);
  }

  @Test
  void ask_healthyEngine_knowsModelsAndStart() {
    await().atMost(LIMIT).until(() -> probe.status().startedAt() == 100);
    await().atMost(LIMIT).until(() -> !probe.status().models().isEmpty());
    assertThat(probe.status().models()).containsExactly("adapter", "m");
    assertThat(probe.status().baseModel()).isEqualTo("m");
  }

  @Test
  void ask_oneLateAndOneBadAnswer_areNoNews() {
    late.set(1);
    await().atMost(LIMIT).until(() -> late.get() == 0);
    int seen = healths.size();
    await().atMost(LIMIT).until(() -> healths.size() > seen + 4);
    unwell.set(1);
    await().atMost(LIMIT).until(() -> unwell.get() == 0);
    int then = healths.size();
    await().atMost(LIMIT).until(() -> healths.size() > then + 4);

    assertThat(healths).doesNotContain(Health.UNHEALTHY, Health.GONE);
  }

  @Test
  void ask_engineHangs_isUnhealthyWithTheSecondCheckThenWellAgain() {
    late.set(2);
    awaitHealth(Health.UNHEALTHY);
    awaitHealth(Health.HEALTHY);
    assertThat(healths).doesNotContain(Health.GONE);
  }

  @Test
  void ask_engineSaysThatItIsNotWell_isUnhealthy() {
    unwell.set(2);
    awaitHealth(Health.UNHEALTHY);
    awaitHealth(Health.HEALTHY);
  }

  @Test
  void ask_processGoneAndBack_isGoneThenAnotherLife() throws Exception {
    await().atMost(LIMIT).until(() -> probe.status().startedAt() == 100);
    int port = server.actualPort();
    server.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    awaitHealth(Health.GONE);
    assertThat(probe.status().startedAt()).isNaN();

    metrics = "process_start_time_seconds 200\n";
    server = listen(port);
    awaitHealth(Health.HEALTHY);
    await().atMost(LIMIT).until(() -> probe.status().startedAt() == 200);
  }
}
