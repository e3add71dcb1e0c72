package io.kvlane.simulator.study;

import io.kvlane.simulator.study.Scale.Axis;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.study.SvgPlot.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The plots of a study, by file name. Metrics are drawn against the load, one plot a cache size; or
 * against the cache size if there are several and only one load. One distribution a cell.
 */
final class Plots {
  private static final double[] PERCENT = IntStream.rangeClosed(0, 100).asDoubleStream().toArray();

  private final Scenario scenario;
  private final List<Row> rows;
  private final Map<String, String> files = new LinkedHashMap<>();

  private Plots(Scenario scenario, List<Row> rows) {
    this.scenario = scenario;
    this.rows = rows;
  }

  static Map<String, String> of(Scenario scenario, List<Row> rows) {
    Plots plots = new Plots(scenario, rows);
    plots.metric("ttft-p95", Metric.TTFT_P95, new Axis("TTFT p95, ms", true));
    plots.metric("hit-ratio", Metric.HIT_RATIO, new Axis("hit ratio", false));
    plots.distributions();
    return plots.files;
  }

  private boolean severalCaches() {
    return scenario.cacheTokens().size() > 1;
  }

  private boolean severalLoads() {
    return scenario.load().values().size() > 1;
  }

  private boolean shares() {
    return scenario.load() instanceof Load.OfSaturation;
  }

  private double pace(Row row) {
    return shares() ? row.load() : row.speed();
  }

  private void metric(String name, Metric metric, Axis y) {
    if (severalCaches() && !severalLoads()) {
      Axis x = new Axis("cache per replica, tokens", true);
      draw(name, scenario.name(), x, y, rows, Row::cacheTokens, metric);
      return;
    }
    Axis x = new Axis(shares() ? "load, share of saturation" : "speed", false);
    for (int cacheTokens : scenario.cacheTokens()) {
      List<Row> some = rows.stream().filter(row -> row.cacheTokens() == cacheTokens).toList();
      draw(name + cache(some), title(some), x, y, some, this::pace, metric);
    }
  }

  private void draw(
      String file,
      String title,
      Axis x,
      Axis y,
      List<Row> some,
      ToDoubleFunction<Row> at,
      Metric metric) {
    SvgPlot plot = new SvgPlot(title, x, y);
    for (String policy : scenario.policies()) {
      List<Row> own = some.stream().filter(row -> row.policy().equals(policy)).toList();
      plot.add(
          new Line(
              policy,
              own.stream().mapToDouble(at).toArray(),
              own.stream().mapToDouble(row -> row.estimate(metric).mean()).toArray(),
              true));
    }
    files.put(file + ".svg", plot.render());
  }

  private void distributions() {
    Axis x = new Axis("TTFT, ms", true);
    Axis y = new Axis("requests answered by then, %", false);
    for (Row first : rows) {
      if (!first.policy().equals(scenario.policies().getFirst())) {
        continue;
      }
      List<Row> cell = rows.stream().filter(first::sameCell).toList();
      String pace = (shares() ? "load " : "speed ") + number(pace(first));
      SvgPlot plot = new SvgPlot(title(cell) + ", " + pace, x, y);
      for (Row row : cell) {
        plot.add(new Line(row.policy(), row.ttftPercentiles(), PERCENT, false));
      }
      String suffix = severalLoads() ? '-' + pace.replace(' ', '-') : "";
      files.put("ttft-cdf" + cache(cell) + suffix + ".svg", plot.render());
    }
  }

  private String cache(List<Row> some) {
    return severalCaches() ? "-cache-" + some.getFirst().cacheTokens() : "";
  }

  private String title(List<Row> some) {
    return scenario.name() + (severalCaches() ? ", cache " + some.getFirst().cacheTokens() : "");
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.6f", number).replaceAll("\\.?0+$", "");
  }
}
