package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions and the link between them, over real sockets. */
class LinkIT {
  private static final String STREAM =
      "{\"model\":\"kvlane-demo\",\"stream\":true,"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

  /** Requests that an engine takes. */
  private static final int MOST = 16;

  private static final String POOLS =
      "pools: [{model: kvlane-demo, keySpace: text, maxRequestsPerReplica: " + MOST + "}]\n";

  @TempDir private static Path certificates;

  private TestRegion here;
  private TestRegion there;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    TestRegion.Pair pair = TestRegion.pair(certificates, 1, name -> POOLS);
    here = pair.us();
    there = pair.eu();
    await().until(() -> here.reaches("eu-west") && there.reaches("us-east"));
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  @Test
  void chat_ownEngineHealthy_staysHome() throws Exception {
    HttpResponse<String> answer = here.chat("hello");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-kvlane-region")).contains("us-east");
    assertThat(there.engine().calls()).isZero();
  }

  @Test
  void chat_ownEnginesGone_isForwardedAtOnce() throws Exception {
    here.healthy(1, false);
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = here.chat("hello");
              assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
              assertThat(answer.headers().firstValue("x-kvlane-region")).contains("eu-west");
              assertThat(answer.headers().firstValue("x-kvlane-decision")).contains("forward");
              assertThat(answer.headers().firstValue("x-kvlane-replica"))
                  .contains("eu-west-engine-1");
            });
  }

  @Test
  void stream_forwarded_comesByteForByte() throws Exception {
    here.healthy(1, false);
    there
        .engine()
        .always(
            MockEngine.stream(
                MockEngine.delta("a"), MockEngine.delta("b"), MockEngine.USAGE, MockEngine.DONE));
    await()
        .untilAsserted(
            () ->
                assertThat(here.post(STREAM).body())
                    .isEqualTo(MockEngine.delta("a") + MockEngine.delta("b") + MockEngine.DONE));
  }

  @Test
  void chat_enginesFailInBothRegions_goesNoFurtherThanOneHop() throws Exception {
    here.engine().always(MockEngine.reset());
    there.engine().always(MockEngine.reset());
    for (int i = 0; i < 20; i++) {
      assertThat(here.chat("hello " + i).statusCode()).isBetween(500, 599);
    }

    assertThat(there.count("kvlane.link.forwarded")).isBetween(1.0, 20.0);
    assertThat(here.count("kvlane.link.forwarded")).isZero();
  }

  @Test
  void stream_farEngineBreaksOff_costsNobodyElseTheirStream() throws Exception {
    here.healthy(1, false);
    await()
        .until(
            () -> here.chat("hello").headers().firstValue("x-kvlane-region").orElse(""),
            "eu-west"::equals);
    MockEngine.Script slow =
        response -> {
          MockEngine.stall(MockEngine.delta("a")).answer(response);
          there.vertx.setTimer(1_500, timer -> response.end(MockEngine.DONE));
        };
    there.engine().then(slow).always(MockEngine.cut(MockEngine.delta("x")));
    CompletableFuture<HttpResponse<String>> other = CompletableFuture.supplyAsync(() -> stream());
    await().until(() -> there.engine().open() == 1);
    for (int i = 0; i < 3; i++) {
      assertThat(here.post(STREAM).body()).contains("\"error\"");
    }

    assertThat(other.get(10, TimeUnit.SECONDS).body())
        .isEqualTo(MockEngine.delta("a") + MockEngine.DONE);
    assertThat(here.reaches("eu-west")).isTrue();
    assertThat(here.count("kvlane.region.losses")).isZero();
  }

  @Test
  void chat_ownEnginesDieAtOnce_noClientIsTold() throws Exception {
    here.engine().always(MockEngine.reset());
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = here.chat("hello " + i);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-kvlane-region")).contains("eu-west");
    }
  }

  private HttpResponse<String> stream() {
    try {
      return here.post(STREAM);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void chat_ownEnginesGone_farOnesTakeAllThatTheyCan() throws Exception {
    here.healthy(1, false);
    await()
        .until(
            () -> here.chat("hello").headers().firstValue("x-kvlane-region").orElse(""),
            "eu-west"::equals);
    int before = there.engine().open();
    there.engine().always(MockEngine.stall(MockEngine.delta("a")));
    for (int i = 0; i < 2 * MOST; i++) {
      Thread.ofVirtual().start(() -> stream());
    }

    await().until(() -> there.engine().open() - before == MOST);
  }
}
