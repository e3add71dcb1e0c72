package io.kvlane.simulator.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A study as JSON: the whole configuration, then the rows with every seed's numbers. */
final class JsonReport {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonReport() {}

  static String of(Scenario scenario, List<Row> rows) {
    ObjectNode root = NODES.objectNode();
    root.set("configuration", ScenarioJson.of(scenario));
    ArrayNode all = root.putArray("rows");
    for (Row row : rows) {
      all.add(row(row, scenario.seeds()));
    }
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode row(Row row, List<Integer> seeds) {
    ObjectNode node = NODES.objectNode();
    node.put("scenario", row.scenario());
    node.put("fleet", row.fleet());
    node.put("cacheTokens", row.cacheTokens());
    number(node, "load", row.load());
    number(node, "speed", row.speed());
    node.put("policy", row.policy());
    ObjectNode metrics = node.putObject("metrics");
    for (Metric metric : Metric.values()) {
      Estimate estimate = row.estimate(metric);
      ObjectNode one = metrics.putObject(metric.key());
      number(one, "mean", estimate.mean());
      number(one, "halfWidth", estimate.halfWidth());
    }
    ArrayNode percentiles = node.putArray("ttftPercentilesMs");
    for (double percentile : row.ttftPercentiles()) {
      percentiles.add(
          Double.isFinite(percentile) ? NODES.numberNode(percentile) : NODES.nullNode());
    }
    ArrayNode runs = node.putArray("runs");
    for (int i = 0; i < row.runs().size(); i++) {
      ObjectNode run = runs.addObject();
      run.put("seed", seeds.get(i));
      for (Metric metric : Metric.values()) {
        number(run, metric.key(), metric.of(row.runs().get(i)));
      }
    }
    return node;
  }

  /** JSON has neither NaN nor infinity. */
  private static void number(ObjectNode node, String key, double number) {
    node.set(key, Double.isFinite(number) ? NODES.numberNode(number) : NODES.nullNode());
  }
}
