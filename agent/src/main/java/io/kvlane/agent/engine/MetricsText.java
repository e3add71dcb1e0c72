package io.kvlane.agent.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.LongStream;

/** The parts of a Prometheus text page that this agent reads. */
final class MetricsText {
  private record Sample(String name, String labels, double value) {}

  private final List<Sample> samples = new ArrayList<>();

  /** Lines that are no sample are left out. */
  MetricsText(String text) {
    text.lines().forEach(this::addLine);
  }

  private void addLine(String line) {
    if (line.isEmpty() || line.charAt(0) == '#') {
      return;
    }
    int brace = line.indexOf('{');
    int close = brace < 0 ? -1 : line.lastIndexOf('}');
    int space = line.indexOf(' ', Math.max(close, 0));
    if (space < 0 || close < brace) {
      return;
    }
    String name = line.substring(0, brace < 0 ? space : brace);
    String labels = brace < 0 ? "" : line.substring(brace + 1, close);
    String value = line.substring(space).strip().split(" ", 2)[0];
    try {
      samples.add(new Sample(name, labels, Double.parseDouble(value.replace("Inf", "Infinity"))));
    } catch (NumberFormatException e) {
      // A value that is no number says nothing; the page's other samples still do.
      return;
    }
  }

  /** The sum over all label sets (ranks) of the first of these metrics that is there. */
  OptionalDouble sum(String... names) {
    return fold(names, Double::sum);
  }

  /** The largest over all label sets of the first of these metrics that is there. */
  OptionalDouble max(String... names) {
    return fold(names, Math::max);
  }

  private OptionalDouble fold(String[] names, DoubleBinaryOperator operator) {
    for (String name : names) {
      OptionalDouble value =
          samples.stream()
              .filter(sample -> sample.name().equals(name) || sample.name().equals(name + "_total"))
              .mapToDouble(Sample::value)
              .filter(Double::isFinite)
              .reduce(operator);
      if (value.isPresent()) {
        return value;
      }
    }
    return OptionalDouble.empty();
  }

  /** The whole numbers in a label of a metric's samples (ranks). */
  LongStream label(String metric, String label) {
    String start = label + "=\"";
    LongStream.Builder numbers = LongStream.builder();
    for (Sample sample : samples) {
      int at = sample.name().equals(metric) ? at(sample.labels(), start) : -1;
      int end = at < 0 ? -1 : sample.labels().indexOf('"', at);
      if (end > 0 && sample.labels().substring(at, end).matches("\\d{1,15}")) {
        numbers.add(Long.parseLong(sample.labels().substring(at, end)));
      }
    }
    return numbers.build();
  }

  private static int at(String labels, String start) {
    int from = labels.startsWith(start) ? 0 : labels.indexOf(',' + start) + 1;
    return from == 0 && !labels.startsWith(start) ? -1 : from + start.length();
  }
}
