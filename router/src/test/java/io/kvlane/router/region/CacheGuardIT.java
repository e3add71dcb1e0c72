package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A region that is used to cached prompts, and whose memory requests in flight have taken. */
class CacheGuardIT {
  private static final String BY_DEFAULT = "";
  private static final String ALWAYS =
      "pools: [{model: kvlane-demo, keySpace: text, guardCaches: always}]\n";

  private static final String WARM = "The same beginning, again and again. ".repeat(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path certificates;

  private TestRegion here;
  private TestRegion there;
  private int prompts;

  @BeforeAll
  static void certify() throws IOException {
    TestRegion.certify(certificates, "us-east", "eu-west");
  }

  private void start(String pools) throws Exception {
    TestRegion.Pair pair =
        TestRegion.pair(certificates, 1, name -> name.equals("us-east") ? pools : "");
    here = pair.us();
    there = pair.eu();
    await().until(() -> here.reaches("eu-west") && there.reaches("us-east"));
    for (int i = 0; i < 200; i++) {
      assertThat(here.chat(WARM).statusCode()).isEqualTo(200);
    }
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  /** A prompt that nobody has seen. */
  private HttpResponse<String> cold(String... headers) throws IOException, InterruptedException {
    return here.chat(("Number " + prompts++ + ", never seen before. ").repeat(200), headers);
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.body()).contains("no_memory");
    assertThat(answer.headers().firstValue("retry-after")).contains("1");
  }

  private void assertServedHere(int coldPrompts) throws IOException, InterruptedException {
    for (int i = 0; i < coldPrompts; i++) {
      assertThat(cold("x-kvlane-regions", "us-east").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void always_hitsLostAndMemoryTaken_coldPromptsGoToTheRegionWithRoom() throws Exception {
    start(ALWAYS);
    here.inUse(1, 0.6);

    await()
        .untilAsserted(
            () -> assertThat(cold().headers().firstValue("x-kvlane-region")).contains("eu-west"));
    assertThat(here.chat(WARM).headers().firstValue("x-kvlane-region")).contains("us-east");
  }

  @Test
  void always_hitsLostAndMemoryTaken_coldPromptsThatMustStay_areRefused() throws Exception {
    start(ALWAYS);
    here.inUse(1, 0.6);

    await().untilAsserted(() -> assertRefused(cold("x-kvlane-regions", "us-east")));
    assertThat(here.chat(WARM).statusCode()).isEqualTo(200);
  }

  @Test
  void always_hitsLostButMemoryFree_coldPromptsAreServedHere() throws Exception {
    start(ALWAYS);
    here.inUse(1, 0.4);

    assertServedHere(60);
  }

  @Test
  void byDefault_theOtherRegionIsLost_coldPromptsAreRefused() throws Exception {
    start(BY_DEFAULT);
    here.inUse(1, 0.6);
    there.close();

    await().atMost(PATIENCE).untilAsserted(() -> assertRefused(cold()));
    assertThat(here.chat(WARM).statusCode()).isEqualTo(200);
  }

  /** They may be those of new users. */
  @Test
  void byDefault_nothingIsLost_coldPromptsAreServedHere() throws Exception {
    start(BY_DEFAULT);
    here.inUse(1, 0.6);

    assertServedHere(200);
  }
}
