package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.config.KeyHash;
import io.kvlane.router.config.RouterConfig;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a region learns of another one's caches, over real sockets. */
class DigestIT {
  private static final String PROMPT =
      "What is cached there need not be computed here. ".repeat(200);

  @TempDir private static Path certificates;

  private final List<TestRegion> further = new ArrayList<>();
  private TestRegion here;
  private TestRegion there;

  @BeforeAll
  static void certify() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
  }

  private void start(String yaml) throws Exception {
    TestRegion.Pair pair = TestRegion.pair(certificates, 1, name -> yaml);
    here = pair.us();
    there = pair.eu();
    await().until(() -> here.reaches("eu-west") && there.reaches("us-east"));
  }

  @AfterEach
  void stop() {
    further.forEach(TestRegion::close);
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

  @Test
  void chat_digestOff_staysHome() throws Exception {
    start("  digest: {enabled: false}\n");
    there.chat(PROMPT);

    HttpResponse<String> answer = here.chat(PROMPT);
    assertThat(answer.headers().firstValue("x-kvlane-region")).contains("us-east");
  }

  @Test
  void digest_twoRouters_oneAsksAndBothKnow() throws Exception {
    start("");
    TestRegion second = another(here);
    await().until(() -> second.reaches("eu-west"));
    there.chat(PROMPT);

    for (TestRegion router : List.of(here, second)) {
      await().until(() -> router.gauge("kvlane.digest.blocks") > 0);
    }
    double first = fetches(here);
    double others = fetches(second);
    await().until(() -> fetches(here) + fetches(second) >= first + others + 4);
    assertThat(Math.min(fetches(here) - first, fetches(second) - others)).as("one asks").isZero();
  }

  private static double fetches(TestRegion router) {
    return router.count("kvlane.digest.fetches", "from", "eu-west");
  }

  private TestRegion another(TestRegion region) throws Exception {
    TestRegion router = region.another(TestRegion.freePort());
    further.add(router);
    return router;
  }

  @Test
  void digest_askingRouterDies_anotherTakesOverWithinTwoSeconds() throws Exception {
    start("");
    TestRegion second = another(here);
    await()
        .until(
            () ->
                second.reaches("eu-west")
                    && second.gauge("kvlane.digest.age", "from", "eu-west") < 1);
    double first = fetches(here);
    double others = fetches(second);
    await().until(() -> fetches(here) + fetches(second) >= first + others + 2);
    boolean firstAsks = fetches(here) > first;
    TestRegion other = firstAsks ? second : here;
    there.chat(PROMPT);
    await().until(() -> other.gauge("kvlane.digest.blocks") > 0);
    (firstAsks ? here : second).close();
    double before = other.gauge("kvlane.digest.blocks");
    there.chat("A prompt that nobody has told of yet. ".repeat(100));

    await().atMost(Duration.ofSeconds(2)).until(() -> other.gauge("kvlane.digest.blocks") > before);
    further.clear();
    here = other;
  }

  /** RES-5: keys of such a tenant are told to its allowed regions only. */
  @Test
  void digest_tenantOfTwoRegions_isToldToThemAlone() throws Exception {
    start(
        """
        tenants:
          - name: acme
            keys: [%s]
            salt: a secret
            regions: [eu-west, ap-northeast]
        """
            .formatted(KeyHash.of("acme-key")));
    there.chat(PROMPT, "authorization", "Bearer acme-key");

    await().until(() -> told("ap-northeast") > 0);
    assertThat(told("us-east")).isZero();
    there.chat(PROMPT);
    await().until(() -> told("us-east") > 0);
  }

  private int told(String region) {
    return there.routing().digest(region, 0, 0).await().levels().getFirst().gained().length;
  }

  @Test
  void regions_oneLeavesAndJoins_withoutRestart() throws Exception {
    start("");
    var configured = here.regions().all().getFirst();
    here.regions().update(List.of());
    assertThat(here.regions().all()).isEmpty();
    here.healthy(1, false);
    // Without the other region an engine that seems to be ill is better than none.
    await().untilAsserted(() -> assertThat(served("hello")).isEqualTo("us-east"));

    here.regions()
        .update(
            List.of(
                new RouterConfig.OtherRegion(
                    configured.name(), List.of("127.0.0.1:" + there.linkPort()))));
    await().untilAsserted(() -> assertThat(served("hello")).isEqualTo("eu-west"));
  }

  private String served(String prompt) throws Exception {
    return here.chat(prompt).headers().firstValue("x-kvlane-region").orElse("");
  }
}
