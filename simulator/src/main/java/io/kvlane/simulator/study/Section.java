package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A mapping of a scenario file, read key by key. A key that nobody asked for is an error. */
final class Section {
  private static final Pattern WHOLE = Pattern.compile("-?\\d{1,3}(_?\\d{1,3}){0,5}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d[\\d_]*\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?");

  private final String source;
  private final String path;
  private final Node.Mapping mapping;
  private final Set<String> asked = new LinkedHashSet<>();

  /** Every key that a file was asked for, for the reference file's test. */
  private final Set<String> log;

  Section(String source, String path, Node.Mapping mapping, Set<String> log) {
    this.source = source;
    this.path = path;
    this.mapping = mapping;
    this.log = log;
  }

  private @Nullable Node node(String key) {
    asked.add(key);
    log.add(key);
    Node node = mapping.fields().get(key);
    return node instanceof Node.Nothing ? null : node;
  }

  /** Whether the key has a value. */
  boolean has(String key) {
    return node(key) != null;
  }

  /** The keys under a key; none if it is left out. */
  Section section(String key) throws ScenarioException {
    Node node = node(key);
    if (node == null) {
      return under(key, new Node.Mapping(line(key), java.util.Map.of(), java.util.Map.of()));
    }
    return section(key, node);
  }

  private Section section(String key, Node node) throws ScenarioException {
    if (node instanceof Node.Mapping child) {
      return under(key, child);
    }
    throw wrong(node.line(), key, node.kind(), "keys and values");
  }

  private Section under(String key, Node.Mapping child) {
    return new Section(source, full(key), child, log);
  }

  /** The items of a list of mappings; none if it is left out. */
  List<Section> sections(String key) throws ScenarioException {
    List<Section> sections = new ArrayList<>();
    List<Node> items = items(key, false);
    for (int i = 0; i < items.size(); i++) {
      sections.add(section(key + '[' + i + ']', items.get(i)));
    }
    return sections;
  }

  int integer(String key, int fallback, int min, int max) throws ScenarioException {
    Node node = node(key);
    return node == null ? fallback : whole(key, node, min, max);
  }

  int integer(String key, int min, int max) throws ScenarioException {
    return whole(key, required(key), min, max);
  }

  double number(String key, double fallback, double min, double max) throws ScenarioException {
    Node node = node(key);
    return node == null ? fallback : real(key, node, min, max);
  }

  double number(String key, double min, double max) throws ScenarioException {
    return real(key, required(key), min, max);
  }

  String text(String key) throws ScenarioException {
    return text(key, required(key));
  }

  /** One of the constants of an enum, written in small letters. */
  <E extends Enum<E>> E constant(String key, E fallback) throws ScenarioException {
    Node node = node(key);
    if (node == null) {
      return fallback;
    }
    E[] all = fallback.getDeclaringClass().getEnumConstants();
    for (E constant : all) {
      if (node instanceof Node.Scalar s && small(constant).equals(s.text())) {
        return constant;
      }
    }
    throw wrong(
        node.line(),
        key,
        node.kind(),
        Arrays.stream(all).map(Section::small).collect(Collectors.joining(" or ")));
  }

  static String small(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** One value or a list of them; empty if left out. */
  List<String> texts(String key) throws ScenarioException {
    List<String> texts = new ArrayList<>();
    for (Node item : items(key, true)) {
      String text = text(key, item);
      if (texts.contains(text)) {
        throw wrong(item.line(), key, item.kind(), "each value once");
      }
      texts.add(text);
    }
    return texts;
  }

  /** One value or a list of them; empty if left out. */
  List<Integer> integers(String key, int min, int max) throws ScenarioException {
    List<Integer> all = new ArrayList<>();
    for (Node item : items(key, true)) {
      all.add(whole(key, item, min, max));
    }
    return all;
  }

  /** One value or a list of them; empty if left out. */
  List<Double> numbers(String key, double min, double max) throws ScenarioException {
    List<Double> all = new ArrayList<>();
    for (Node item : items(key, true)) {
      all.add(real(key, item, min, max));
    }
    return all;
  }

  /** Whether the key has a list rather than one value. */
  boolean isList(String key) {
    return node(key) instanceof Node.Sequence;
  }

  /** Rows of numbers. */
  double[][] matrix(String key, double min, double max) throws ScenarioException {
    List<Node> rows = items(key, false);
    double[][] matrix = new double[rows.size()][];
    for (int i = 0; i < matrix.length; i++) {
      if (!(rows.get(i) instanceof Node.Sequence row)) {
        throw wrong(rows.get(i).line(), key, rows.get(i).kind(), "a list of numbers");
      }
      matrix[i] = new double[row.items().size()];
      for (int j = 0; j < matrix[i].length; j++) {
        matrix[i][j] = real(key, row.items().get(j), min, max);
      }
    }
    return matrix;
  }

  /** Whether the first item of a list is itself a list. */
  boolean isMatrix(String key) {
    return node(key) instanceof Node.Sequence s
        && !s.items().isEmpty()
        && s.items().getFirst() instanceof Node.Sequence;
  }

  private List<Node> items(String key, boolean single) throws ScenarioException {
    Node node = node(key);
    return switch (node) {
      case null -> List.of();
      case Node.Sequence s -> {
        if (s.items().isEmpty()) {
          throw wrong(s.line(), key, "an empty list", "at least one value");
        }
        yield s.items();
      }
      default -> {
        if (!single) {
          throw wrong(node.line(), key, node.kind(), "a list");
        }
        yield List.of(node);
      }
    };
  }

  private Node required(String key) throws ScenarioException {
    Node node = node(key);
    if (node == null) {
      throw wrong(line(key), key, "missing", "a value");
    }
    return node;
  }

  private String text(String key, Node node) throws ScenarioException {
    if (node instanceof Node.Scalar s && !s.text().isBlank()) {
      return s.text();
    }
    throw wrong(node.line(), key, node.kind(), "a text");
  }

  private int whole(String key, Node node, int min, int max) throws ScenarioException {
    if (node instanceof Node.Scalar s && WHOLE.matcher(s.text()).matches()) {
      long value = Long.parseLong(s.text().replace("_", ""));
      if (value >= min && value <= max) {
        return (int) value;
      }
    }
    throw wrong(node.line(), key, node.kind(), "a whole number from " + min + " to " + max);
  }

  private double real(String key, Node node, double min, double max) throws ScenarioException {
    if (node instanceof Node.Scalar s && NUMBER.matcher(s.text()).matches()) {
      double value = Double.parseDouble(s.text().replace("_", ""));
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw wrong(node.line(), key, node.kind(), "a number from " + plain(min) + " to " + plain(max));
  }

  private static String plain(double number) {
    return new java.math.BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }

  /** An error at a key of this section. */
  ScenarioException wrong(String key, String found, String expected) {
    return wrong(line(key), key, found, expected);
  }

  private ScenarioException wrong(int line, String key, String found, String expected) {
    return new ScenarioException(
        source + ":" + line + ": " + full(key) + ": " + found + " (expected: " + expected + ")");
  }

  private int line(String key) {
    return mapping.lines().getOrDefault(key, mapping.line());
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + '.' + key;
  }

  /** To be called once all keys are read. */
  void done() throws ScenarioException {
    for (String key : mapping.fields().keySet()) {
      if (!asked.contains(key)) {
        throw wrong(key, "unknown key", "one of " + String.join(", ", asked));
      }
    }
  }
}
