package io.kvlane.router.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of {@code deploy/observability}, without a running fleet. */
class ObservabilityTest {
  private static final Path RUNBOOKS = Path.of("..", "docs", "operations.md");

  @Test
  void queries_recordedSeries_areRecorded() throws IOException {
    Set<String> recorded =
        Queries.rules().stream()
            .map(rule -> rule.path("record").asText())
            .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    Queries.all().forEach(query -> named.addAll(query.recorded()));

    assertThat(named).isNotEmpty().isSubsetOf(recorded);
  }

  @Test
  void queries_nameMetrics() throws IOException {
    assertThat(Queries.all()).hasSizeGreaterThan(100);
    Set<String> metrics = new TreeSet<>();
    Queries.all().forEach(query -> metrics.addAll(query.metrics()));
    assertThat(metrics)
        .hasSizeGreaterThan(60)
        .contains("kvlane_cached_tokens_predicted_total", "kvlane_cached_tokens_reported_total");
  }

  @Test
  void alerts_tellWhatToDo() throws IOException {
    Set<String> headings;
    try (Stream<String> lines = Files.lines(RUNBOOKS)) {
      headings =
          lines
              .filter(line -> line.startsWith("### "))
              .map(line -> line.substring(4))
              .collect(Collectors.toSet());
    }
    List<JsonNode> alerts = Queries.rules().stream().filter(rule -> rule.has("alert")).toList();
    assertThat(alerts).hasSizeGreaterThan(15);
    for (JsonNode alert : alerts) {
      String name = alert.path("alert").asText();
      assertThat(alert.path("labels").path("severity").asText())
          .as(name)
          .isIn("critical", "warning", "info");
      JsonNode told = alert.path("annotations");
      assertThat(told.path("summary").asText()).as(name).isNotEmpty();
      assertThat(headings).as("runbooks").contains(name);
      assertThat(told.path("runbook_url").asText())
          .as(name)
          .endsWith("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void check_promtoolAndShape_passes() throws Exception {
    for (String tool : List.of("promtool", "python3")) {
      assumeTrue(onPath(tool), tool + " is not installed: rules and dashboards are not checked");
    }
    Process check =
        new ProcessBuilder("bash", Queries.FOLDER.resolve("check").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
  }

  private static boolean onPath(String tool) {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }
}
