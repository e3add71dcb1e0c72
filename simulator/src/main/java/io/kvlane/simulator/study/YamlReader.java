package io.kvlane.simulator.study;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads YAML into {@link Node}s. */
final class YamlReader {
  private static final int MAX_DEPTH = 32;

  private final String source;

  /**
   * @param source the file's name, for messages
   */
  YamlReader(String source) {
    this.source = source;
  }

  /** The document's mapping; empty if there is nothing but comments. */
  Node.Mapping read(String yaml) throws ScenarioException {
    try (JsonParser parser = new YAMLFactory().createParser(yaml)) {
      if (parser.nextToken() == null) {
        return new Node.Mapping(1, Map.of(), Map.of());
      }
      Node root = node(parser, 0);
      if (root instanceof Node.Mapping mapping) {
        return mapping;
      }
      throw new ScenarioException(
          source + ":" + root.line() + ": " + root.kind() + " (expected: keys and values)");
    } catch (JsonProcessingException e) {
      throw new ScenarioException(source + ":" + line(e.getLocation()) + ": not valid YAML");
    } catch (IOException e) {
      throw new ScenarioException(source + ": " + e.getMessage());
    }
  }

  private Node node(JsonParser parser, int depth) throws IOException, ScenarioException {
    int line = line(parser.currentTokenLocation());
    if (depth > MAX_DEPTH) {
      throw new ScenarioException(source + ":" + line + ": nested too deeply");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(parser, line, depth);
      case START_ARRAY -> {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(node(parser, depth + 1));
        }
        yield new Node.Sequence(line, items);
      }
      case VALUE_NULL -> new Node.Nothing(line);
      default -> new Node.Scalar(line, parser.getText());
    };
  }

  private Node.Mapping mapping(JsonParser parser, int line, int depth)
      throws IOException, ScenarioException {
    Map<String, Node> fields = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int at = line(parser.currentTokenLocation());
      parser.nextToken();
      if (fields.put(key, node(parser, depth + 1)) != null) {
        throw new ScenarioException(source + ":" + at + ": " + key + ": occurs twice");
      }
      lines.put(key, at);
    }
    return new Node.Mapping(line, fields, lines);
  }

  private static int line(@Nullable JsonLocation location) {
    return location == null ? 1 : Math.max(1, location.getLineNr());
  }
}
