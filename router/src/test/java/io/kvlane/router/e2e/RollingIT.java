package io.kvlane.router.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A region of real processes is restarted process by process, and its clients do not notice. */
class RollingIT {
  private static final int ENGINES = 2;
  private static final int ROUTERS = 2;
  private static final int CLIENTS = 12;

  /** The longest answer takes some four seconds: well within the drain time. */
  private static final List<String> SLOW =
      List.of("--decode-base-ms", "30", "--prefill-tokens-per-second", "100000");

  private static Fleet fleet;

  @BeforeAll
  static void start() throws Exception {
    fleet = new Fleet(Path.of("target", "e2e", "rolling"), ENGINES, ROUTERS, "tokens", SLOW);
    fleet.start();
  }

  @AfterAll
  static void stop() throws Exception {
    fleet.close();
  }

  @Test
  @DisplayName("Routers restarted one by one: no request is lost, and every stream ends")
  void routersRestarted_underLoad_nothingIsLost() throws Exception {
    int carried = 0;
    try (var clients = new Balanced(fleet, ROUTERS, CLIENTS)) {
      clients.awaitAnswers(20, 1, 2);
      for (int i = 1; i <= ROUTERS; i++) {
        int router = i;
        await().until(() -> clients.streams(router) >= 2);
        int open = clients.streams(router);

        int status = fleet.stop("router-" + i);

        assertThat(status).as("exit status of router %d", i).isZero();
        assertThat(clients.failures()).as("while router %d stopped", i).isEmpty();
        carried += open;
        fleet.startRouter(i);
        fleet.awaitReplicas(i, ENGINES);
        clients.awaitAnswers(20, 1, 2);
      }
      clients.close();
      System.out.printf(
          "routers restarted: %d answers, at least %d streams were open when their router"
              + " stopped%n",
          clients.answered(), carried);
      assertThat(clients.failures()).isEmpty();
    }
    assertThat(carried).isGreaterThanOrEqualTo(2 * ROUTERS);
  }

  @Test
  @DisplayName("Agents restarted one by one: no request is lost, and the map is right again")
  void agentsRestarted_underLoad_nothingIsLostAndTheMapIsRightAgain() throws Exception {
    try (var clients = new Balanced(fleet, ROUTERS, CLIENTS)) {
      clients.awaitAnswers(20, 1, 2);
      for (int i = 1; i <= ENGINES; i++) {
        fleet.stop("agent-" + i);
        clients.awaitAnswers(10, 1, 2);
        fleet.startAgent(i);
        fleet.awaitReplicas(1, ENGINES);
        fleet.awaitReplicas(2, ENGINES);
        clients.awaitAnswers(20, 1, 2);
      }
      clients.close();
      System.out.println("agents restarted: " + clients.answered() + " answers");
      assertThat(clients.failures()).isEmpty();
    }
    String prompt = "What everybody asks again. ".repeat(60);
    for (int i = 1; i <= ROUTERS; i++) {
      String router = fleet.router(i);
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> {
                Http.Chat chat = Http.chat(router, prompt);
                assertThat(chat.reported()).isPositive();
                assertThat(chat.predicted()).isEqualTo(chat.reported());
              });
    }
  }
}
