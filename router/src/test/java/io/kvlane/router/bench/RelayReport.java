package io.kvlane.router.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Collects the samples of a run and prints them: the median over the rounds of each figure, as a
 * table for people and as JSON.
 */
final class RelayReport {
  /** The contender that the others' added latency refers to. */
  static final String BASELINE = "direct";

  private final Map<String, Map<String, List<Sample>>> samples = new LinkedHashMap<>();
  private final Map<String, Sample> cold = new LinkedHashMap<>();

  void add(Scenario scenario, Contender contender, Sample sample) {
    samples
        .computeIfAbsent(scenario.name(), ignored -> new LinkedHashMap<>())
        .computeIfAbsent(contender.name(), ignored -> new ArrayList<>())
        .add(sample);
  }

  void addCold(Contender contender, Sample sample) {
    cold.put(contender.name(), sample);
  }

  /** Wrong or missing answers by reason, over the whole run; empty if all was right. */
  Map<String, Long> errors() {
    Map<String, Long> errors = new TreeMap<>();
    samples.forEach(
        (scenario, contenders) ->
            contenders.forEach(
                (contender, rounds) ->
                    rounds.forEach(
                        sample ->
                            sample
                                .errors()
                                .forEach(
                                    (reason, count) ->
                                        errors.merge(
                                            "%s, %s: %s".formatted(scenario, contender, reason),
                                            count,
                                            Long::sum)))));
    return errors;
  }

  String table() {
    StringBuilder out = new StringBuilder();
    samples.forEach(
        (scenario, contenders) -> {
          line(out, "%n%s", scenario);
          line(
              out,
              "  %-14s %10s %10s %10s %10s %12s %12s",
              "",
              "p50 ms",
              "p99 ms",
              "added p50",
              "req/s",
              "CPU us/req",
              "CPU us/chunk");
          contenders.forEach(
              (name, rounds) ->
                  line(
                      out,
                      "  %-14s %10.3f %10.3f %10s %10.0f %12s %12s",
                      name,
                      median(rounds, s -> s.millisAt(50)),
                      median(rounds, s -> s.millisAt(99)),
                      figure(addedMillis(contenders, name), 3),
                      median(rounds, Sample::requestsPerSecond),
                      name.equals(BASELINE)
                          ? "-"
                          : figure(median(rounds, Sample::cpuMicrosPerRequest), 1),
                      name.equals(BASELINE)
                          ? "-"
                          : figure(median(rounds, Sample::cpuMicrosPerChunk), 1)));
        });
    line(out, "%ncold: the first requests after the start, plain c=1");
    line(out, "  %-14s %10s %10s %10s %10s", "", "p50 ms", "p99 ms", "max ms", "requests");
    cold.forEach(
        (name, sample) ->
            line(
                out,
                "  %-14s %10.3f %10.3f %10.3f %10d",
                name,
                sample.millisAt(50),
                sample.millisAt(99),
                sample.millisAt(100),
                sample.requests()));
    return out.toString();
  }

  String json(ObjectMapper mapper) {
    ObjectNode root = mapper.createObjectNode();
    samples.forEach(
        (scenario, contenders) -> {
          ObjectNode kind = root.withObjectProperty("scenarios").putObject(scenario);
          contenders.forEach(
              (name, rounds) -> {
                ObjectNode figures = kind.putObject(name).put("rounds", rounds.size());
                put(figures, "p50_ms", median(rounds, s -> s.millisAt(50)));
                put(figures, "p99_ms", median(rounds, s -> s.millisAt(99)));
                put(figures, "added_p50_ms", addedMillis(contenders, name));
                put(figures, "requests_per_second", median(rounds, Sample::requestsPerSecond));
                if (!name.equals(BASELINE)) {
                  put(figures, "cpu_us_per_request", median(rounds, Sample::cpuMicrosPerRequest));
                  put(figures, "cpu_us_per_chunk", median(rounds, Sample::cpuMicrosPerChunk));
                }
              });
        });
    cold.forEach(
        (name, sample) -> {
          ObjectNode figures = root.withObjectProperty("cold").putObject(name);
          put(figures, "p50_ms", sample.millisAt(50));
          put(figures, "p99_ms", sample.millisAt(99));
          put(figures, "max_ms", sample.millisAt(100));
        });
    root.put("errors", errors().values().stream().mapToLong(Long::longValue).sum());
    return root.toPrettyString();
  }

  /** How much later than without a relay half of the answers were, NaN for the baseline itself. */
  private static double addedMillis(Map<String, List<Sample>> contenders, String name) {
    List<Sample> baseline = contenders.getOrDefault(BASELINE, List.of());
    if (baseline.isEmpty() || name.equals(BASELINE)) {
      return Double.NaN;
    }
    ToDoubleFunction<Sample> half = sample -> sample.millisAt(50);
    return median(contenders.getOrDefault(name, List.of()), half) - median(baseline, half);
  }

  static double median(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static String figure(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static void put(ObjectNode node, String name, double value) {
    if (!Double.isNaN(value)) {
      node.put(name, Math.round(value * 1e4) / 1e4);
    }
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
