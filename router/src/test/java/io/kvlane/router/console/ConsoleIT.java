package io.kvlane.router.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.MockEngine;
import io.kvlane.router.region.TestRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console in a headless Chromium, at a router of a region that has the policy store. With
 * {@code -Dkvlane.screenshots=DIRECTORY} it leaves pictures of its pages there.
 */
class ConsoleIT {
  private static final Map<String, String> PAGES =
      Map.of(
          "overview", "Links",
          "cache", "Delivered",
          "replicas", "us-east-engine-1",
          "decisions", "Served by",
          "policies", "In the order in which they are tried",
          "policies/default", "Changes",
          "rollouts/1", "What it changed",
          "audit", "unbroken");

  @TempDir private Path folder;
  private World world;
  private Browser browser;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(World.hasConsole(), "This build has left the console out");
    browser = new Browser(folder);
    world = new World(folder);
    browser.size(1280, 900);
  }

  @AfterEach
  void stop() {
    if (world != null) {
      world.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  private void enter() {
    browser.open(world.us().adminUrl() + "/console");
    browser.fill("API key", TestRegion.ADMIN_KEY);
    browser.press("Enter");
    browser.see("Overview", "Healthy replicas");
  }

  private void go(String page, String... texts) {
    browser.eval("void (location.hash = " + Browser.quoted("#/" + page) + ")");
    browser.see(texts);
  }

  private void noProblems() {
    assertThat(browser.problems()).isEmpty();
  }

  @Test
  @DisplayName("a wrong key is told, a right one opens and is kept in the tab only")
  void login_asksForAKeyOnce() {
    browser.open(world.us().adminUrl() + "/console");
    browser.see("API key");
    browser.fill("API key", "wrong");
    browser.click("Enter");
    browser.see("This key is not known here.");

    enter();

    assertThat(browser.eval("JSON.stringify(localStorage) + document.cookie").asText())
        .doesNotContain(TestRegion.ADMIN_KEY);
    browser.open(world.us().adminUrl() + "/console/#/audit");
    browser.see("unbroken");
    browser.click("Log out");
    browser.see("API key");
    assertThat(browser.eval("sessionStorage.length").asInt()).isZero();
    noProblems();
  }

  @Test
  @DisplayName("each page: light and dark, legible, at 1280 and 400 pixels, from this router alone")
  void pages_areShown() throws Exception {
    Samples.answer(browser);
    for (int i = 0; i < 5; i++) {
      assertThat(world.us().chat("hello " + i).statusCode()).isEqualTo(200);
    }
    enter();
    for (Map.Entry<String, String> page : PAGES.entrySet()) {
      for (String theme : List.of("Dark", "Light")) {
        browser.click(theme);
        go(page.getKey(), page.getValue());
        assertThat(browser.eval(Samples.TOO_FAINT).toString()).as(page + theme).isEqualTo("[]");
      }
      picture(page.getKey().replace('/', '-'));
      browser.size(400, 860);
      // Charts learn of the new width in the next frames.
      await()
          .untilAsserted(
              () ->
                  assertThat(browser.eval("document.documentElement.scrollWidth").asInt())
                      .as(page.getKey())
                      .isLessThanOrEqualTo(400));
      if (page.getKey().equals("overview")) {
        picture("overview-narrow");
      }
      browser.size(1280, 900);
    }
    go("decisions/" + Samples.REQUEST, "holds 6,144 of 7,012 tokens", "Timeline", "Candidates");
    picture("decision");
    assertThat(browser.addresses())
        .allMatch(url -> url.startsWith(world.us().adminUrl()) || url.equals("about:blank"));
    noProblems();
  }

  private void picture(String name) throws Exception {
    String directory = System.getProperty("kvlane.screenshots", "");
    if (!directory.isEmpty()) {
      int height = browser.eval("document.documentElement.scrollHeight").asInt();
      int width = browser.eval("innerWidth").asInt();
      browser.size(width, Math.clamp(height, 600, 2400));
      browser.screenshot(Path.of(directory, name + ".png"));
      browser.size(width, 900);
    }
  }

  @Test
  @DisplayName("what an older router does not offer is said, and nothing breaks")
  void pages_notOffered_saySo() {
    enter();
    browser.answerNotFound("/admin/v1/cache/", "/admin/v1/decisions");
    go("cache", "Not offered by this router");
    go("decisions", "Not offered by this router");
    go("nonsense", "There is no such page");
    noProblems();
  }

  @Test
  @DisplayName(
      "a conflicting writer: 412 becomes a choice of mine, theirs or merged, and goes live")
  void policyEdit_conflictingWriter_isMerged() throws Exception {
    assertThat(world.put("shared", "{'priority':20,'consistency':'CP'}").statusCode())
        .isEqualTo(201);
    enter();
    go("policies/shared", "Changes");
    browser.fill("Priority", "30");
    browser.fill("Description", "mine");
    browser.see("priority", "20", "30");
    browser.click("Validate");
    browser.see("Nothing has been written");
    assertThat(world.policy("shared").path("priority").asInt()).isEqualTo(20);

    world.patch("shared", "{'priority':40,'spill':{'maxWaitMs':700}}");
    browser.click("Save");
    browser.see("Somebody else has changed this policy", "spill.maxWaitMs", "Both changed");
    picture("conflict");
    assertThat(browser.text()).contains("Choose 1 more");
    browser.click("Mine");
    browser.click("Save merged");
    browser.see("Saved as revision 4", "3 of 3 routers serve it");
    picture("rollout");

    JsonNode merged = world.policy("shared");
    assertThat(merged.path("priority").asInt()).isEqualTo(30);
    assertThat(merged.path("description").asText()).isEqualTo("mine");
    assertThat(merged.path("spill").path("maxWaitMs").asInt()).isEqualTo(700);
    noProblems();
  }

  @Test
  @DisplayName("a conflicting writer: theirs is taken, and nothing is written")
  void policyEdit_conflictingWriter_isTaken() throws Exception {
    assertThat(world.put("shared", "{'priority':20,'consistency':'CP'}").statusCode())
        .isEqualTo(201);
    enter();
    go("policies/shared", "Changes");
    browser.fill("Priority", "30");
    world.patch("shared", "{'priority':40}");
    browser.click("Save");
    browser.see("Somebody else");
    browser.click("Take theirs");
    await()
        .until(
            () -> browser.eval("document.querySelector('[name=priority]').value").asText(),
            "40"::equals);
    assertThat(world.policy("shared").path("priority").asInt()).isEqualTo(40);
    noProblems();
  }

  @Test
  @DisplayName(
      "a policy is created, refused with its field, rolled back; the audit log knows it all")
  void policy_createdAndRolledBack() throws Exception {
    enter();
    go("policies", "default");
    browser.click("New policy");
    browser.fill("Name", "console-made");
    browser.fill("Allowed regions", "atlantis");
    browser.click("Save");
    browser.see("residency", "unknown region");
    browser.fill("Allowed regions", "us-east, eu-west");
    browser.click("Save");
    browser.see("Saved as revision 2", "3 of 3 routers serve it");
    assertThat(world.policy("console-made").path("residency").toString())
        .contains("us-east", "eu-west");

    go("rollouts/1", "What it changed");
    browser.click("Roll back to this");
    browser.see("Back to revision 1?");
    browser.click("Roll back");
    browser.see("Revision 3", "back to revision 1");
    assertThat(world.get("/policies/console-made").statusCode()).isEqualTo(404);

    go("audit", "unbroken");
    browser.see("PUT /admin/v1/policies/console-made", "/admin/v1/revisions/1:rollback");
    browser.fill("Search", "rollback");
    await().until(() -> !browser.text().contains("PUT /admin/v1/policies/console-made"));
    noProblems();
  }

  private void assumeOffered(String path) throws Exception {
    assumeTrue(world.get(path).statusCode() == 200, "This router does not offer " + path);
  }

  @Test
  @DisplayName("a request appears as it ends, and tells why it went where it went")
  void decision_appearsLiveAndTellsWhy() throws Exception {
    assumeOffered("/decisions");
    enter();
    go("decisions", "Requests, newest first", "live");
    String id = world.us().chat("hello").headers().firstValue("x-request-id").orElseThrow();
    browser.see(id.substring(0, 6));
    go("decisions/" + id, "Timeline", "Candidates", "us-east-engine-1", "chosen", "200");
    go("decisions/unknown", "No router of this region knows this request");

    world.put("shared", "{'priority':20,'consistency':'CP'}");
    go("policies/shared", "Changes");
    browser.fill("Allowed regions", "eu-west");
    browser.click("Validate");
    browser.see("What it would have made of the last 1 request", "1 request under other rules");
    noProblems();
  }

  @Test
  @DisplayName("what the cache delivers and what lies between the regions is seen without a reload")
  void cache_isSeenLive() throws Exception {
    assumeOffered("/cache/summary");
    world
        .us()
        .engines
        .getFirst()
        .always(
            MockEngine.json(
                200,
                "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":3,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":40}}}"));
    enter();
    browser.see("live");
    for (int i = 0; i < 3; i++) {
      world.us().chat("hello");
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> browser.text().contains("Requests, 5 min\n3\n"));
    go("cache", "Delivered", "Hot prefixes", TestRegion.MODEL);
    assertThat(browser.text()).doesNotContain("Not offered");
    noProblems();
  }

  @Test
  @DisplayName("a change goes to a part of the requests first, and is promoted by hand")
  void policy_inStages_isPromoted() throws Exception {
    assumeTrue(
        world.get("/openapi.json").body().contains("promoteRollout"),
        "This router does not offer rollouts in stages");
    world.put("shared", "{'priority':20,'consistency':'CP'}");
    enter();
    go("policies/shared", "Changes");
    browser.fill("Description", "in stages");
    browser.click("Roll out in stages");
    browser.eval("document.querySelector('.staging select').value = 'MANUAL'");
    browser.eval(
        "document.querySelector('.staging select')"
            + ".dispatchEvent(new Event('change', {bubbles: true}))");
    browser.click("Save");
    browser.see("Saved as revision 3", "canary", "10 % of requests", "waits to be promoted");
    go("rollouts/3", "What it changed", "Old", "New");
    picture("canary");
    browser.click("Promote");
    browser.see("Promote revision 3?");
    browser.click("Promote");
    browser.see("Revision 4", "live");
    assertThat(world.policy("shared").path("description").asText()).isEqualTo("in stages");
    noProblems();
  }

  @Test
  @DisplayName("a region that stops and returns is seen live")
  void region_stoppedAndReturned_isSeen() throws Exception {
    enter();
    seen("ap-northeast", "up");
    world.ap().close();
    seen("ap-northeast", "down");
    browser.see("unreachable");
    world.startAp();
    seen("ap-northeast", "up");
    noProblems();
  }

  private void seen(String region, String state) {
    String card = "document.querySelector('[data-region=" + region + "]')?.dataset.state";
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> browser.eval(card + " ?? ''").asText(), state::equals);
  }

  @Test
  @DisplayName("a router that is gone leaves the page with its age, and it comes back by itself")
  void router_gone_leavesAStalePage() throws Exception {
    enter();
    go("replicas", "us-east-engine-1");
    browser.cutOff(true);
    browser.see("The router does not answer.", "As of");
    browser.see("us-east-engine-1");
    browser.cutOff(false);
    await().atMost(Duration.ofSeconds(60)).until(() -> !browser.text().contains("As of"));
    noProblems();
  }

  @Test
  @DisplayName("a replica is drained and resumed")
  void replica_drainedAndResumed() {
    enter();
    go("replicas", "us-east-engine-1");
    browser.click("Drain us-east-engine-1");
    browser.see("Drain us-east-engine-1?");
    browser.press("Escape");
    await().until(() -> browser.isTrue("document.querySelector('dialog') === null"));
    assertThat(action()).isEqualTo("none");

    browser.click("Drain us-east-engine-1");
    browser.click("Drain");
    browser.see("drained");
    assertThat(action()).isEqualTo("drain");
    browser.click("Resume us-east-engine-1");
    await().atMost(Duration.ofSeconds(60)).until(this::action, "resume"::equals);
    noProblems();
  }

  private String action() {
    try {
      JsonNode replica = world.json("/replicas/us-east-engine-1");
      return replica.path("service").path("action").asText();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("everything is reached without a mouse, and the focus can be seen")
  void keyboard_reachesAll() {
    enter();
    browser.eval("document.activeElement.blur()");
    StringBuilder reached = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      browser.press("Tab");
      reached.append(browser.eval("document.activeElement.textContent").asText()).append('\n');
      assertThat(browser.eval("getComputedStyle(document.activeElement).outlineStyle").asText())
          .isEqualTo("solid");
      if (reached.toString().endsWith("Policies\n")) {
        break;
      }
    }
    assertThat(reached.toString()).contains("Skip to content", "Overview", "Replicas", "Policies");
    browser.press("Enter");
    browser.see("In the order in which they are tried");
    noProblems();
  }
}
