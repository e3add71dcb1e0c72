package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;

/** A study's rows as CSV (RFC 4180, but lines end with a line feed). No value: empty. */
final class CsvWriter {
  private CsvWriter() {}

  static String of(List<Row> rows) {
    StringBuilder csv = new StringBuilder();
    List<String> head =
        new ArrayList<>(List.of("scenario", "fleet", "cacheTokens", "load", "speed", "policy"));
    for (Metric metric : Metric.values()) {
      head.add(metric.key());
      head.add(metric.key() + "HalfWidth");
    }
    line(csv, head);
    for (Row row : rows) {
      List<String> fields = new ArrayList<>();
      fields.add(quoted(row.scenario()));
      fields.add(row.fleet());
      fields.add(Integer.toString(row.cacheTokens()));
      fields.add(number(row.load()));
      fields.add(number(row.speed()));
      fields.add(quoted(row.policy()));
      for (Metric metric : Metric.values()) {
        Estimate estimate = row.estimate(metric);
        fields.add(number(estimate.mean()));
        fields.add(number(estimate.halfWidth()));
      }
      line(csv, fields);
    }
    return csv.toString();
  }

  private static void line(StringBuilder csv, List<String> fields) {
    csv.append(String.join(",", fields)).append('\n');
  }

  private static String number(double number) {
    return Double.isNaN(number) ? "" : Double.toString(number);
  }

  private static String quoted(String text) {
    return text.matches("[^,\"\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
