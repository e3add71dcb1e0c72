package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions and the link between them, over real sockets. */
class LinkIT {
  @TempDir private static Path certificates;

  private TestRegion here;
  private TestRegion there;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    int herePort = TestRegion.freePort();
    int therePort = TestRegion.freePort();
    here =
        new TestRegion(
            "us-east",
            herePort,
            certificates,
            Map.of("eu-west", List.of("127.0.0.1:" + therePort)),
            1,
            "");
    there =
        new TestRegion(
            "eu-west",
            therePort,
            certificates,
            Map.of("us-east", List.of("127.0.0.1:" + herePort)),
            1,
            "");
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
                assertThat(
                        here.post(
                                "{\"model\":\"kvlane-demo\",\"stream\":true,"
                                    + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
                            .body())
                    .isEqualTo(MockEngine.delta("a") + MockEngine.delta("b") + MockEngine.DONE));
  }
}
