package io.kvlane.simulator.study;

import java.util.List;
import java.util.Map;

/** A YAML value that knows its line. */
sealed interface Node {
  int line();

  /** What a reader would call it. */
  String kind();

  record Scalar(int line, String text) implements Node {
    @Override
    public String kind() {
      return '"' + text + '"';
    }
  }

  record Nothing(int line) implements Node {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  record Sequence(int line, List<Node> items) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys in the file's order, with the line of each. */
  record Mapping(int line, Map<String, Node> fields, Map<String, Integer> lines) implements Node {
    @Override
    public String kind() {
      return "keys and values";
    }
  }
}
