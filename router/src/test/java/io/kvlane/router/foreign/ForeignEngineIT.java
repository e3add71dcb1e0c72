package io.kvlane.router.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvlane.router.foreign.ForeignRegion.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real foreign engine, llm-d-inference-sim: it connects where vLLM binds, numbers from 1, has no
 * replay, batches by 16 events or a second, and hashes in its own way.
 */
@DisplayName("One real foreign engine works")
final class ForeignEngineIT {
  private static final Path BUILD = Path.of("..", "deploy", "tools", "build");
  private static final int CANNOT_BE_HAD = 3;
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration MAP_LIMIT = Duration.ofSeconds(15);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  static Path folder;

  private static NetworkNamespace network;
  private static ForeignRegion region;

  @BeforeAll
  static void start() throws Exception {
    Path engine = build();
    network = NetworkNamespace.open().orElse(null);
    assumeTrue(
        network != null,
        "SKIPPED: this engine listens on every interface and needs a network namespace, which this"
            + " user may not make here");
    region = new ForeignRegion(network, engine, folder);
    region.start();
    await("all processes")
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(250))
        .conditionEvaluationListener(
            condition -> {
              if (condition.getRemainingTimeInMS() <= 0) {
                print();
              }
            })
        .until(
            () ->
                region.isRouterUp()
                    && region.isEngineUp(ForeignRegion.REPLICAS.getFirst())
                    && region.isEngineUp(ForeignRegion.REPLICAS.getLast()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (region != null) {
      region.close();
    }
    if (network != null) {
      network.close();
    }
  }

  @Test
  void chat_secondIdenticalPrompt_isPredictedAndReportedAsCachedAtTheSameReplica()
      throws Exception {
    String prompt = prompt("first");
    Reply cold = region.chat(prompt);
    assertThat(cold.status()).as(region.logs()).isEqualTo(200);
    assertThat(cold.predictedCachedTokens()).isZero();
    assertThat(cold.reportedCachedTokens()).isZero();

    Reply warm = await().atMost(MAP_LIMIT).until(() -> region.chat(prompt), this::isPredicted);

    assertThat(warm.replica()).isEqualTo(cold.replica());
    assertThat(warm.reportedCachedTokens()).isPositive();
    assertThat(warm.headers()).containsEntry("x-kvlane-decision", "hit");
    assertThat(warm.predictedCachedTokens())
        .as("the engine's own blocks are the keys: the prediction is exact")
        .isEqualTo(warm.reportedCachedTokens());
  }

  @Test
  void chat_manyPrompts_eachComesBackToTheReplicaThatHoldsIt() throws Exception {
    List<String> prompts = IntStream.range(0, 12).mapToObj(i -> prompt("many " + i)).toList();
    Set<String> used = new HashSet<>();
    for (String prompt : prompts) {
      Reply cold = region.chat(prompt);
      used.add(cold.replica());
      Reply warm = await().atMost(MAP_LIMIT).until(() -> region.chat(prompt), this::isPredicted);
      assertThat(warm.replica()).isEqualTo(cold.replica());
      assertThat(warm.reportedCachedTokens()).isPositive();
    }
    assertThat(used).containsExactlyInAnyOrderElementsOf(ForeignRegion.REPLICAS);
  }

  private boolean isPredicted(Reply reply) {
    return reply.status() == 200 && reply.predictedCachedTokens() > 0;
  }

  private static String prompt(String name) {
    return IntStream.range(0, 60)
        .mapToObj(i -> "%s, line %d of the timetable.".formatted(name, i))
        .collect(Collectors.joining(" "));
  }

  /** Builds the engine, or finds it built, and returns its binary. */
  private static Path build() throws Exception {
    Path output = folder.resolve("build.log");
    Process build =
        new ProcessBuilder(BUILD.toString(), "llm-d-inference-sim")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!build.waitFor(20, TimeUnit.MINUTES)) {
      build.descendants().forEach(ProcessHandle::destroyForcibly);
      build.destroyForcibly();
      throw new IOException("the engine's build did not end in 20 minutes");
    }
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    if (build.exitValue() == CANNOT_BE_HAD) {
      abort("SKIPPED: " + String.join("\n", lines));
    }
    assertThat(build.exitValue()).as(String.join("\n", lines)).isZero();
    return Path.of(lines.getLast());
  }

  private static void print() {
    try {
      System.out.println(region.logs());
    } catch (IOException e) {
      System.out.println("no logs: " + e);
    }
  }
}
