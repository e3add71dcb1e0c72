package io.kvlane.router.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the dashboards and rules of {@code deploy/observability} ask Prometheus. */
public final class Queries {
  static final Path FOLDER = Path.of("..", "deploy", "observability");

  private static final Path RULES = FOLDER.resolve(Path.of("prometheus", "rules"));
  private static final Path DASHBOARDS = FOLDER.resolve(Path.of("grafana", "dashboards"));

  /** Names that exporters give; those of recorded series have another colon. */
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:(?:kvlane|gen_ai|jvm|process|system)_|vllm:)[a-z0-9_]+");

  private static final Pattern RECORDED = Pattern.compile("\\bkvlane:[a-z0-9_:]+");

  /** What looks like a metric and is not: label values, matchers, lists of labels. */
  private static final Pattern LABELS =
      Pattern.compile(
          "\"[^\"]*\"|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  private static final Pattern MATCHERS = Pattern.compile("\\{[^}]*}");

  private Queries() {}

  /** A query, and where it is. */
  record Query(String where, String text) {
    Set<String> metrics() {
      return find(METRIC);
    }

    Set<String> recorded() {
      return find(RECORDED);
    }

    private Set<String> find(Pattern pattern) {
      String bare = MATCHERS.matcher(LABELS.matcher(text).replaceAll("")).replaceAll("");
      Matcher matcher = pattern.matcher(bare);
      return matcher.results().map(found -> found.group()).collect(Collectors.toSet());
    }
  }

  /** All of them. */
  static List<Query> all() throws IOException {
    List<Query> all = new ArrayList<>();
    for (JsonNode rule : rules()) {
      all.add(
          new Query(
              rule.path("record").asText() + rule.path("alert").asText(),
              rule.path("expr").asText()));
    }
    var mapper = new ObjectMapper();
    for (Path file : files(DASHBOARDS, ".json")) {
      JsonNode dashboard = mapper.readTree(file.toFile());
      for (String field : List.of("expr", "query")) {
        dashboard
            .findValues(field)
            .forEach(text -> all.add(new Query(file.getFileName().toString(), text.asText())));
      }
    }
    return all;
  }

  /** All rules, of both kinds. */
  static List<JsonNode> rules() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (Path file : files(RULES, ".yml")) {
      new YAMLMapper()
          .readTree(file.toFile())
          .path("groups")
          .forEach(group -> group.path("rules").forEach(rules::add));
    }
    return rules;
  }

  private static List<Path> files(Path folder, String end) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    }
  }

  /**
   * The metrics that no scrape has, with the places that name them.
   *
   * @param which the metrics that are looked at
   * @param scrape in Prometheus's text format
   */
  public static TreeMap<String, Set<String>> missing(Predicate<String> which, String scrape)
      throws IOException {
    Set<String> there =
        scrape
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split("[{ ]", 2)[0])
            .collect(Collectors.toSet());
    TreeMap<String, Set<String>> missing = new TreeMap<>();
    for (Query query : all()) {
      for (String metric : query.metrics()) {
        if (which.test(metric) && !there.contains(metric)) {
          missing.computeIfAbsent(metric, any -> new TreeSet<>()).add(query.where());
        }
      }
    }
    return missing;
  }
}
