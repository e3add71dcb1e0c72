package io.kvlane.simulator.live.load;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A run's figures, or two runs' beside each other, as a table or as JSON. */
final class Report {
  private static final double MICROS_PER_MILLI = 1000;

  private final String workload;
  private final List<RunResult> runs;
  private final @Nullable Ceiling ceiling;

  /** A figure; NaN prints as a dash. */
  private record Row(
      String name, String key, int decimals, ToDoubleFunction<RunResult> value, boolean compared) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("requests", "requests", 0, r -> r.tally().requests(), false),
          new Row("errors", "errors", 0, r -> r.tally().failed(), false),
          new Row("prompt tokens", "prompt_tokens", 0, r -> r.tally().promptTokens(), false),
          new Row(
              "hit ratio, reported by engines",
              "hit_ratio_reported",
              3,
              r -> r.tally().reportedRatio(),
              true),
          new Row(
              "hit ratio, predicted",
              "hit_ratio_predicted",
              3,
              r -> r.tally().predictedRatio(),
              true),
          new Row(
              "cold requests", "cold_requests", 0, r -> r.tally().cold().getTotalCount(), false),
          new Row(
              "TTFT cold p50, ms", "ttft_cold_p50_ms", 1, r -> millis(r.tally().cold(), 50), true),
          new Row(
              "TTFT cold p95, ms", "ttft_cold_p95_ms", 1, r -> millis(r.tally().cold(), 95), true),
          new Row(
              "warm requests", "warm_requests", 0, r -> r.tally().warm().getTotalCount(), false),
          new Row(
              "TTFT warm p50, ms", "ttft_warm_p50_ms", 1, r -> millis(r.tally().warm(), 50), true),
          new Row(
              "TTFT warm p95, ms", "ttft_warm_p95_ms", 1, r -> millis(r.tally().warm(), 95), true),
          new Row("forwarded", "forwarded", 3, r -> r.tally().forwardedRatio(), false),
          new Row("requests/s", "requests_per_second", 1, RunResult::requestsPerSecond, true),
          new Row(
              "uncached tokens, max/mean",
              "uncached_max_mean",
              2,
              r -> r.tally().imbalance(),
              true));

  Report(String workload, List<RunResult> runs, @Nullable Ceiling ceiling) {
    this.workload = workload;
    this.runs = List.copyOf(runs);
    this.ceiling = ceiling;
  }

  private static double millis(Histogram micros, double percentile) {
    return micros.getTotalCount() == 0
        ? Double.NaN
        : micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
  }

  String table() {
    StringBuilder out = new StringBuilder(workload).append('\n');
    List<String> head = new ArrayList<>(runs.stream().map(RunResult::label).toList());
    head.add(runs.size() == 2 ? "ratio" : "");
    line(out, "", head);
    for (Row row : ROWS) {
      List<String> cells = new ArrayList<>();
      for (RunResult run : runs) {
        cells.add(cell(row.value().applyAsDouble(run), row.decimals()));
      }
      if (runs.size() == 2 && row.compared()) {
        double first = row.value().applyAsDouble(runs.get(0));
        cells.add(cell(first / row.value().applyAsDouble(runs.get(1)), 2));
      }
      line(out, row.name(), cells);
    }
    line(out, "decisions", cells(r -> words(r.tally().decisions().toString())));
    line(out, "errors by kind", cells(r -> words(r.tally().errors().toString())));
    for (RunResult run : runs) {
      if (run.regions().size() > 1) {
        out.append(RegionReport.table(run));
      }
    }
    if (ceiling != null) {
      out.append(
          String.format(
              Locale.ROOT,
              "plain replay of the same requests: one pooled LRU of %,d tokens %.3f, without bound"
                  + " %.3f, round robin over %d x %,d tokens %.3f%n",
              ceiling.pooledTokens(),
              ceiling.pooled(),
              ceiling.infinite(),
              ceiling.caches(),
              ceiling.pooledTokens() / ceiling.caches(),
              ceiling.split()));
      for (RunResult run : runs) {
        out.append(
            String.format(
                Locale.ROOT,
                "%s: %.3f of the pooled LRU's hits%n",
                run.label(),
                run.tally().reportedRatio() / ceiling.pooled()));
      }
    }
    return out.toString();
  }

  private List<String> cells(Function<RunResult, String> cell) {
    return runs.stream().map(cell).toList();
  }

  private static String words(String map) {
    String inside = map.substring(1, map.length() - 1);
    return inside.isEmpty() ? "-" : inside;
  }

  private static String cell(double value, int decimals) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%,." + decimals + "f", value) : "-";
  }

  private static void line(StringBuilder out, String name, List<String> cells) {
    String row =
        cells.stream().map(c -> String.format("%20s", c)).collect(Collectors.joining("  "));
    out.append(String.format("%-32s%s", name, row).stripTrailing()).append('\n');
  }

  JsonObject json() {
    JsonArray all = new JsonArray();
    for (RunResult run : runs) {
      JsonObject one = new JsonObject().put("label", run.label()).put("seconds", run.seconds());
      for (Row row : ROWS) {
        double value = row.value().applyAsDouble(run);
        one.put(row.key(), Double.isFinite(value) ? value : null);
      }
      one.put("decisions", object(run.tally().decisions()));
      one.put("errors_by_kind", object(run.tally().errors()));
      one.put("uncached_tokens_by_replica", object(run.tally().uncached()));
      if (run.regions().size() > 1) {
        one.put("regions", RegionReport.json(run.regions()));
      }
      all.add(one);
    }
    JsonObject json = new JsonObject().put("workload", workload).put("runs", all);
    if (ceiling != null) {
      json.put(
          "plain_replay",
          new JsonObject()
              .put("pooled_tokens", ceiling.pooledTokens())
              .put("pooled", ceiling.pooled())
              .put("infinite", ceiling.infinite())
              .put("round_robin_caches", ceiling.caches())
              .put("round_robin", ceiling.split()));
    }
    return json;
  }

  private static JsonObject object(Map<String, ? extends Number> map) {
    JsonObject object = new JsonObject();
    map.forEach(object::put);
    return object;
  }
}
