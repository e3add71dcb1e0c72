package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.control.Admin.Answer;
import io.kvlane.router.region.TestRegion;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a change would have made of real requests. us-east has two routers, eu-west one. */
class ImpactIT {
  private static final String PROMPT = "lorem ipsum dolor sit amet ".repeat(60);

  @TempDir private static Path certificates;
  @TempDir private Path disks;

  private TestRegion us;
  private TestRegion second;
  private TestRegion eu;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east", "eu-west");
    TestRegion.Pair pair = TestRegion.pair(certificates, 2, this::yaml);
    us = pair.us();
    eu = pair.eu();
    String owner = us.adminUrl().substring("http://".length());
    second =
        us.another(
            TestRegion.freePort(),
            "policies: {directory: \""
                + disks.resolve("second")
                + "\", control: us-east, every: 50ms, store: {owner: \""
                + owner
                + "\"}}\n");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                us.reaches("eu-west")
                    && eu.reaches("us-east")
                    && us.gauge("kvlane.config.revision") == 1
                    && second.gauge("kvlane.config.revision") == 1
                    && second.gauge("kvlane.replicas.healthy") == 2);
  }

  private String yaml(String region) {
    return "policies: {directory: \""
        + disks.resolve(region)
        + "\", control: us-east, every: 50ms}\n";
  }

  @AfterEach
  void stop() {
    second.close();
    us.close();
    eu.close();
  }

  private JsonNode impact(String json) throws Exception {
    String whole = "{'priority':5,'consistency':'CP'" + json + '}';
    Answer answer =
        Admin.at(second).send("PUT", "/policies/p?validateOnly=true", whole, "If-None-Match", "*");
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
    assertThat(answer.header("X-Validate-Only")).isEqualTo("true");
    return answer.body().path("impact");
  }

  @Test
  @DisplayName("ADM-5: validateOnly tells which of the last hour's requests would change")
  void validateOnly_tellsTheImpact() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestRegion at = i % 2 == 0 ? us : second;
      boolean bound = i < 5;
      var answer =
          bound
              ? at.chat(PROMPT + i, "x-request-id", "r" + i, "x-kvlane-regions", "us-east")
              : at.chat(PROMPT + i, "x-request-id", "r" + i);
      assertThat(answer.statusCode()).isEqualTo(200);
    }

    JsonNode impact = impact(",'residency':{'allowedRegions':['eu-west']}");

    assertThat(impact.path("requests").asInt()).isEqualTo(20);
    assertThat(impact.path("routers").toString()).isEqualTo("[\"us-east-1\",\"us-east-2\"]");
    assertThat(impact.path("affected").asInt()).isEqualTo(20);
    assertThat(impact.path("refusedBefore").asInt()).isZero();
    assertThat(impact.path("newlyRefused").asInt()).isEqualTo(5);
    assertThat(impact.path("undecided").asInt()).isZero();
    assertThat(impact.path("simulation").asText()).isEqualTo("done");
    JsonNode model = impact.path("models").path(0);
    assertThat(model.path("requests").asInt()).isEqualTo(15);
    assertThat(model.path("routedDifferently").asInt()).isEqualTo(15);
    assertThat(model.path("before").path("crossRegionShare").asDouble()).isZero();
    assertThat(model.path("after").path("crossRegionShare").asDouble()).isEqualTo(1);
    assertThat(impact.toString()).doesNotContain("lorem");

    JsonNode other = impact(",'match':{'tenant':'nobody'}");
    assertThat(other.path("affected").asInt()).isZero();
    assertThat(other.path("models")).isEmpty();

    JsonNode unknown = impact(",'match':{'headers':{'x-team':'red'}}");
    assertThat(unknown.path("undecided").asInt()).isEqualTo(20);

    assertThat(Admin.at(us).get("/policies/p").status()).isEqualTo(404);
    assertThat(us.gauge("kvlane.config.revision")).isEqualTo(1);
  }
}
