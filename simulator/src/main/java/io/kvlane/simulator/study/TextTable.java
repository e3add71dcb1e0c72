package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A study's rows as aligned text; the best value of each cell carries a star. */
final class TextTable {
  private final List<String> titles = new ArrayList<>();
  private final List<List<String>> lines = new ArrayList<>();

  private TextTable() {}

  static String of(Scenario scenario, List<Row> rows) {
    TextTable table = new TextTable();
    table.titles.addAll(List.of("cache", "load", "speed", "policy"));
    for (Metric metric : Metric.values()) {
      table.titles.add(metric.title());
    }
    Row previous = null;
    for (Row row : rows) {
      if (previous != null && !previous.sameCell(row)) {
        table.lines.add(List.of());
      }
      previous = row;
      table.lines.add(line(row, rows.stream().filter(row::sameCell).toList()));
    }
    return head(scenario) + table.render();
  }

  private static String head(Scenario scenario) {
    return String.format(
        Locale.ROOT,
        """
        %s: %s replicas in %s; seeds %s; TTFT objective %.0f ms; warm-up %.2f
        times in ms; * best of its cache and load; +- half of the 95 %% confidence interval

        """,
        scenario.name(),
        Fleets.describe(scenario.fleet()),
        String.join(", ", scenario.fleet().regions()),
        scenario.seeds(),
        scenario.sloMs(),
        scenario.warmUp());
  }

  private static List<String> line(Row row, List<Row> cell) {
    List<String> line = new ArrayList<>();
    line.add(Integer.toString(row.cacheTokens()));
    line.add(number(row.load(), 2));
    line.add(String.format(Locale.ROOT, "%.4g", row.speed()));
    line.add(row.policy());
    for (Metric metric : Metric.values()) {
      Estimate estimate = row.estimate(metric);
      String text = number(estimate.mean(), metric.decimals());
      if (!Double.isNaN(estimate.halfWidth())) {
        text += "+-" + number(estimate.halfWidth(), metric.decimals());
      }
      line.add(text + (best(row, cell, metric) ? "*" : " "));
    }
    return line;
  }

  /** Whether no other policy is better, and one at least is worse. */
  private static boolean best(Row row, List<Row> cell, Metric metric) {
    double own = row.estimate(metric).mean();
    boolean one = false;
    for (Row other : cell) {
      double gain = other.estimate(metric).mean() - own;
      double better = metric.better() == Metric.Better.LOWER ? -gain : gain;
      if (better > 0) {
        return false;
      }
      one |= better < 0;
    }
    return one && metric.better() != Metric.Better.NEITHER;
  }

  private static String number(double number, int decimals) {
    return Double.isNaN(number) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", number);
  }

  private String render() {
    int[] widths = new int[titles.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = titles.get(i).length() + (i < 4 ? 0 : 1);
      for (List<String> line : lines) {
        widths[i] = line.isEmpty() ? widths[i] : Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    List<String> head = new ArrayList<>(titles.subList(0, 4));
    titles.subList(4, titles.size()).forEach(title -> head.add(title + " "));
    append(text, head, widths);
    lines.forEach(line -> append(text, line, widths));
    return text.toString();
  }

  private static void append(StringBuilder text, List<String> line, int[] widths) {
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < line.size(); i++) {
      String pad = " ".repeat(widths[i] - line.get(i).length());
      // Policies are names: to the left. All else are numbers.
      row.append(i == 3 ? line.get(i) + pad : pad + line.get(i)).append("  ");
    }
    text.append(row.toString().stripTrailing()).append('\n');
  }
}
