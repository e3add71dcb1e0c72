package io.kvlane.router.routing;

import static io.kvlane.router.MockEngine.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.router.MockEngine;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Token ids come from the engine in time or not at all, and what became of it is counted. */
class TokenizerIT {
  private static final int BLOCK = 4;
  private static final Duration LIMIT = Duration.ofMillis(200);
  private static final String SIX = "{\"count\":6,\"tokens\":[1,2,3,4,5,4294967295]}";

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Vertx vertx;
  private MockEngine engine;
  private Tokenizer tokenizer;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    engine = new MockEngine(vertx).always(json(200, SIX));
    tokenizer = new Tokenizer(vertx, meters);
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private @Nullable Blocks ask(@Nullable String body) {
    var pool =
        new RouterConfig.Pool(
            "m",
            RouterConfig.Keys.TOKENS,
            256,
            1,
            CacheGuard.When.NEVER,
            new RouterConfig.Tokenize(LIMIT, 16));
    var facts =
        new RequestFacts(
            "m",
            "",
            Blocks.text(256).build(),
            body == null ? null : () -> Buffer.buffer(body),
            -1,
            null,
            false,
            false,
            null,
            Policy.DEFAULTS);
    var at = engine.replica("r");
    var state =
        new ReplicaState(
            "r",
            "http://" + at.host() + ':' + at.port(),
            List.of("m"),
            true,
            1,
            -1,
            true,
            BLOCK,
            0,
            0,
            0,
            0);
    var replica = new Replica(state, 0, new Breaker(System::nanoTime, 1_000_000_000L));
    return tokenizer.blocks(pool, facts, List.of(replica), BLOCK).await();
  }

  private double counted(String outcome) {
    return meters.counter("kvlane.tokenize", "outcome", outcome).count();
  }

  @Test
  void blocks_samePromptAgain_isAskedOnce() {
    Blocks blocks = ask("{\"prompt\":\"a\"}");

    assertThat(blocks).isNotNull();
    assertThat(blocks.size()).isEqualTo(6);
    assertThat(ask("{\"prompt\":\"a\"}")).isSameAs(blocks);
    assertThat(engine.seen()).extracting(MockEngine.Seen::uri).containsExactly("/tokenize");
    assertThat(engine.last().text()).isEqualTo("{\"prompt\":\"a\"}");
    assertThat(counted("ok")).isEqualTo(1);
    assertThat(counted("cached")).isEqualTo(1);
  }

  @Test
  void blocks_engineIsSilent_noneOnceTheLimitIsOver() {
    engine.always(MockEngine.silence());

    long asked = System.nanoTime();
    assertThat(ask("{}")).isNull();

    assertThat(Duration.ofNanos(System.nanoTime() - asked))
        .isBetween(LIMIT.dividedBy(2), Duration.ofSeconds(5));
    assertThat(counted("failed")).isEqualTo(1);
    await().until(() -> engine.aborted() == 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{}", "{\"tokens\":7}", "{\"tokens\":[1,\"x\"]}", "{\"tokens\":[1,2"})
  void blocks_uselessAnswer_none(String answer) {
    engine.always(json(200, answer));

    assertThat(ask("{}")).isNull();
    assertThat(counted("failed")).isEqualTo(1);
  }

  @Test
  void blocks_failsOnAndOn_isLeftAloneForAWhile() {
    engine.always(json(500, SIX));

    for (int i = 0; i < Breaker.FAILURES + 1; i++) {
      assertThat(ask("{}")).isNull();
    }

    assertThat(engine.calls()).isEqualTo(Breaker.FAILURES);
    assertThat(counted("failed")).isEqualTo(Breaker.FAILURES);
    assertThat(counted("skipped")).isEqualTo(1);
  }

  @Test
  void blocks_requestWithoutSuchAForm_engineIsNotAsked() {
    assertThat(ask(null)).isNull();
    assertThat(engine.calls()).isZero();
    assertThat(counted("unsupported")).isEqualTo(1);
  }
}
