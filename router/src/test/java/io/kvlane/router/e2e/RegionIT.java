package io.kvlane.router.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A region in real processes, and what becomes of it when they are killed under load. */
class RegionIT {
  private static final List<String> FAST = List.of("--time-scale", "20");
  private static final Duration RIGHT_AGAIN = Duration.ofSeconds(5);

  private final Path dir = Path.of("target", "e2e", "region");

  /** A prompt of some 2,000 characters of its own. */
  private static String prompt(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < 2_000) {
      text.append((char) ('a' + random.nextInt(26)))
          .append(random.nextInt(4) == 0 ? " " : "")
          .append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokens", "text"})
  void crashesUnderLoad_noRequestFailsAndTheMapIsRightAgain(String keySpace) throws Exception {
    try (Fleet fleet = new Fleet(dir, 3, 2, keySpace, FAST)) {
      fleet.start();
      // Warm through one router, hit through the other.
      for (int i = 0; i < 6; i++) {
        Http.Chat cold = Http.chat(fleet.router(1), prompt(i));
        assertThat(cold.status()).as(cold.body()).isEqualTo(200);
        assertThat(cold.reported()).isZero();
      }
      for (int i = 0; i < 6; i++) {
        awaitRight(fleet, 2, i);
      }
      lateRouter_answersAsTheOldOne(fleet);
      try (Load load = new Load(fleet)) {
        killedAgent(fleet);
        killedEngine(fleet);
        killedRouter(fleet);
        load.awaitMore(20);
      }
    }
  }

  /** Within five seconds router {@code i} predicts for the prompt what the engine then reports. */
  private static Http.Chat awaitRight(Fleet fleet, int i, long seed) {
    ConcurrentLinkedQueue<Http.Chat> seen = new ConcurrentLinkedQueue<>();
    await("router " + i + " predicts right for prompt " + seed)
        .atMost(RIGHT_AGAIN)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              Http.Chat chat = Http.chat(fleet.router(i), prompt(seed));
              seen.add(chat);
              assertThat(chat.status()).isEqualTo(200);
              assertThat(chat.reported()).isPositive();
              // Text chunks say about how many tokens, token blocks exactly.
              assertThat(chat.predicted()).isBetween(chat.reported() / 2, chat.reported() * 3 / 2);
            });
    return seen.stream().reduce((a, b) -> b).orElseThrow();
  }

  private static void lateRouter_answersAsTheOldOne(Fleet fleet) throws IOException {
    fleet.startRouter(3);
    fleet.awaitReplicas(3, 3);
    for (int i = 0; i < 6; i++) {
      String old = awaitRight(fleet, 1, i).replica();
      assertThat(awaitRight(fleet, 3, i).replica()).isEqualTo(old);
    }
  }

  private static void killedAgent(Fleet fleet) throws Exception {
    fleet.kill("agent-1");
    fleet.startAgent(1);
    for (int i = 0; i < 6; i++) {
      awaitRight(fleet, 2, i);
    }
  }

  /** The new engine at the old address is empty: whoever is sent there is promised nothing. */
  private static void killedEngine(Fleet fleet) throws Exception {
    int victim = Http.chat(fleet.router(1), prompt(0)).replica().charAt(7) - '0';
    fleet.kill("engine-" + victim);
    fleet.awaitReplicas(1, 2);
    fleet.startEngine(victim);
    fleet.awaitReplicas(1, 3);
    fleet.awaitReplicas(2, 3);
    for (int i = 0; i < 6; i++) {
      Http.Chat chat = Http.chat(fleet.router(1), prompt(i));
      assertThat(chat.predicted())
          .as("prompt %d, of which %s held %d tokens", i, chat.replica(), chat.reported())
          .isLessThanOrEqualTo(chat.reported() * 3 / 2);
    }
    for (int i = 100; i < 130; i++) {
      Http.Chat chat = Http.chat(fleet.router(1), prompt(i));
      assertThat(chat.predicted()).as("a prompt that nobody has seen").isZero();
      awaitRight(fleet, 2, i);
    }
  }

  private static void killedRouter(Fleet fleet) throws Exception {
    fleet.kill("router-1");
    awaitRight(fleet, 2, 1);
    fleet.startRouter(1);
    fleet.awaitReplicas(1, 3);
    awaitRight(fleet, 1, 1);
  }

  /** Requests in the background that may go to another router but must be answered. */
  private static final class Load implements AutoCloseable {
    private final Fleet fleet;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(Fleet fleet) {
      this.fleet = fleet;
      for (int t = 0; t < 4; t++) {
        int first = t % 2 + 1;
        Random random = new Random(t);
        threads.add(Thread.ofVirtual().start(() -> run(first, random)));
      }
    }

    private void run(int first, Random random) {
      while (!stop.get()) {
        String prompt = prompt(1_000 + random.nextInt(20));
        try {
          answer(first, prompt);
        } catch (IOException dead) {
          try {
            answer(3 - first, prompt);
          } catch (IOException | InterruptedException e) {
            failures.add("no router answered: " + e);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private void answer(int router, String prompt) throws IOException, InterruptedException {
      Http.Chat chat = Http.chat(fleet.router(router), prompt);
      if (chat.status() == 200) {
        answered.incrementAndGet();
      } else {
        failures.add(chat.status() + " " + chat.body());
      }
    }

    void awaitMore(int requests) {
      int goal = answered.get() + requests;
      await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() >= goal);
    }

    @Override
    public void close() throws InterruptedException {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.println("answered under load: " + answered);
      assertThat(failures).as("failed requests").isEmpty();
    }
  }
}
