package io.kvlane.simulator.study;

import java.util.List;
import java.util.Locale;

/** The cells as lines of text and as a Markdown table. */
final class BarReport {
  private BarReport() {}

  static String line(BarCell cell) {
    Row row = cell.row();
    return String.format(
        Locale.ROOT,
        "%-8s %-6s %7d %.2f speed %8.3f  p95 %8.0f ms, best %8.0f %-18s ratio %.3f  good %.3f/%.3f"
            + "  %s",
        row.scenario(),
        row.fleet(),
        row.cacheTokens(),
        row.load(),
        row.speed(),
        cell.p95Ms(),
        cell.rivalP95Ms(),
        cell.rival(),
        cell.ratio(),
        cell.attainment(),
        cell.bestAttainment(),
        verdict(cell));
  }

  private static String verdict(BarCell cell) {
    return switch (cell.verdict()) {
      case WIN -> "WIN";
      case NEAR -> "near";
      case LOSS -> "LOSS";
    };
  }

  static String markdown(List<BarCell> cells, List<Evenness> evenness, List<String> troubles) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | workload | fleet | cache | load | p95 TTFT, ms | best rival | its p95 | ratio | in time \
        | best rival's | |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """);
    for (BarCell cell : cells) {
      Row row = cell.row();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %.2f | %.0f | %s | %.0f | %.3f | %.3f | %.3f | %s |\n",
              row.scenario(),
              row.fleet(),
              row.cacheTokens(),
              row.load(),
              cell.p95Ms(),
              cell.rival(),
              cell.rivalP95Ms(),
              cell.ratio(),
              cell.attainment(),
              cell.bestAttainment(),
              verdict(cell)));
    }
    text.append('\n').append(BarTotals.of(cells)).append('\n');
    if (!evenness.isEmpty()) {
      text.append(
          """

          | workload | fleet | max/mean uncached | hits | one pooled cache | share |
          | --- | --- | --- | --- | --- | --- |
          """);
    }
    for (Evenness even : evenness) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.3f | %.3f | %.3f | %.3f |\n",
              even.workload(),
              even.fleet(),
              even.imbalance(),
              even.hitRatio(),
              even.ceiling(),
              even.share()));
    }
    if (!troubles.isEmpty()) {
      text.append("\nNot measured:\n\n");
      troubles.forEach(trouble -> text.append("- ").append(trouble).append('\n'));
    }
    return text.toString();
  }
}
