package io.kvlane.router.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.telemetry.Queries;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What routers count against what engines count, after a load on real processes. */
class EngineCountersIT {
  private static final Path DIR = Path.of("target", "e2e", "counters");
  private static final int ENGINES = 2;
  private static final int ROUTERS = 2;
  private static final double PERCENT = 1;

  @Test
  void load_predictedAndReported_areWhatTheEnginesCount() throws Exception {
    try (Fleet fleet = new Fleet(DIR, ENGINES, ROUTERS, "tokens", List.of("--time-scale", "20"))) {
      fleet.start();
      load(fleet);

      double asked = engines(fleet, "vllm:prefix_cache_queries_total");
      double hits = engines(fleet, "vllm:prefix_cache_hits_total");
      // A router counts when an answer is over, the client may know a moment before.
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () ->
                  assertThat(routers(fleet, "kvlane_prompt_tokens_total"))
                      .isCloseTo(asked, withinPercentage(PERCENT)));
      double reported = routers(fleet, "kvlane_cached_tokens_reported_total");
      double predicted = routers(fleet, "kvlane_cached_tokens_predicted_total");
      System.out.printf(
          "hit ratio: engines %.4f, reported %.4f, predicted %.4f of %.0f tokens%n",
          hits / asked, reported / asked, predicted / asked, asked);
      assertThat(hits / asked).isGreaterThan(0.5);
      assertThat(reported).isCloseTo(hits, withinPercentage(PERCENT));
      assertThat(predicted).isCloseTo(hits, withinPercentage(PERCENT));

      String scrape = scrape(fleet.engine(1)) + scrape(fleet.agent(1));
      assertThat(
              Queries.missing(
                  name -> name.startsWith("kvlane_agent_") || name.startsWith("vllm:"), scrape))
          .as("what dashboards and rules name and no agent or engine has")
          .isEmpty();
    }
  }

  /** {@code deploy/local/load} in short. */
  private static void load(Fleet fleet) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.kvlane.simulator.live.load.LoadMain",
                "--model",
                Fleet.MODEL,
                "--sessions",
                "32",
                "--think-ms",
                "200"));
    for (int i = 1; i <= ENGINES; i++) {
      command.addAll(List.of("--engine", fleet.engine(i)));
    }
    command.add("--");
    for (int i = 1; i <= ROUTERS; i++) {
      command.add(fleet.router(i));
    }
    Process load = new ProcessBuilder(command).inheritIO().start();
    try {
      assertThat(load.waitFor(180, TimeUnit.SECONDS)).as("the load ended").isTrue();
      assertThat(load.exitValue()).as("the load's exit status").isZero();
    } finally {
      load.destroyForcibly();
    }
  }

  private static double engines(Fleet fleet, String metric)
      throws IOException, InterruptedException {
    double sum = 0;
    for (int i = 1; i <= ENGINES; i++) {
      sum += sum(scrape(fleet.engine(i)), metric);
    }
    return sum;
  }

  private static double routers(Fleet fleet, String metric)
      throws IOException, InterruptedException {
    double sum = 0;
    for (int i = 1; i <= ROUTERS; i++) {
      sum += sum(scrape(fleet.admin(i)), metric);
    }
    return sum;
  }

  private static String scrape(String url) throws IOException, InterruptedException {
    return Http.get(url + "/metrics").body();
  }

  private static double sum(String scrape, String metric) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(metric + '{') || line.startsWith(metric + ' '))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
