package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a region learns of another one's caches, over real sockets. */
class DigestIT {
  private static final String PROMPT =
      "What is cached there need not be computed here. ".repeat(200);

  @TempDir private static Path certificates;

  private TestRegion here;
  private TestRegion there;

  @BeforeAll
  static void certify() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
  }

  private void start(String yaml) throws Exception {
    int herePort = TestRegion.freePort();
    int therePort = TestRegion.freePort();
    here = region("us-east", herePort, "eu-west", therePort, yaml);
    there = region("eu-west", therePort, "us-east", herePort, yaml);
    await().until(() -> here.reaches("eu-west") && there.reaches("us-east"));
  }

  private static TestRegion region(String name, int port, String other, int otherPort, String yaml)
      throws Exception {
    return new TestRegion(
        name, port, certificates, Map.of(other, List.of("127.0.0.1:" + otherPort)), 1, yaml);
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  private static int cached(HttpHeaders headers) {
    return headers.firstValue("x-kvlane-cached-tokens").map(Integer::valueOf).orElse(0);
  }

  @Test
  void chat_cachedElsewhere_isForwarded() throws Exception {
    start("");
    there.chat(PROMPT);

    await().until(() -> here.gauge("kvlane.digest.blocks") > 0);

    HttpResponse<String> answer = here.chat(PROMPT);
    assertThat(answer.headers().firstValue("x-kvlane-region")).contains("eu-west");
    assertThat(answer.headers().firstValue("x-kvlane-decision")).contains("forward");
    assertThat(cached(answer.headers())).isGreaterThan(1_500);
  }
}
