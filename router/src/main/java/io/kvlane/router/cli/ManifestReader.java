package io.kvlane.router.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a directory of YAML files: each document a resource, with {@code kind} and {@code id}. All
 * that is wrong is found at once, with file and line.
 */
final class ManifestReader {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private final List<String> errors = new ArrayList<>();
  private final Map<String, Manifest> found = new LinkedHashMap<>();

  private ManifestReader() {}

  /**
   * All resources below {@code start}, in the order of files and documents.
   *
   * @param start a directory, or one file
   * @throws Failure with all that is wrong
   */
  static List<Manifest> read(Path start) throws Failure {
    var reader = new ManifestReader();
    for (Path file : files(start)) {
      reader.file(file);
    }
    if (!reader.errors.isEmpty()) {
      throw Failure.refused(Texts.printable(String.join("\n", reader.errors)));
    }
    if (reader.found.isEmpty()) {
      throw Failure.refused(start + ": no resources (expected: documents in *.yaml files)");
    }
    return List.copyOf(reader.found.values());
  }

  private static List<Path> files(Path start) throws Failure {
    if (Files.isRegularFile(start)) {
      return List.of(start);
    }
    try (Stream<Path> all = Files.walk(start)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.ya?ml"))
          .filter(file -> !start.relativize(file).toString().matches("(.*/)?\\..*"))
          .sorted()
          .toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      throw Failure.usage(start + ": cannot be read (expected: a directory or a YAML file)");
    }
  }

  /** What is wrong, and where. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(int line, String what) {
      super(line + ": " + what);
    }
  }

  private void file(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        errors.add(file + ": too large (expected: at most " + MAX_FILE_BYTES + " bytes)");
        return;
      }
      documents(file.toString(), Files.readString(file));
    } catch (IOException e) {
      errors.add(file + ": cannot be read (expected: UTF-8)");
    }
  }

  private void documents(String file, String yaml) {
    try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
      while (parser.nextToken() != null) {
        Map<String, Integer> lines = new HashMap<>();
        JsonNode document = value(parser, "", lines, 0);
        try {
          document(file, document, lines);
        } catch (Wrong e) {
          errors.add(file + ':' + e.getMessage());
        }
      }
    } catch (Wrong e) {
      errors.add(file + ':' + e.getMessage());
    } catch (JsonProcessingException e) {
      String why = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      errors.add(file + ':' + line(e.getLocation()) + ": not valid YAML: " + why);
    } catch (IOException e) {
      errors.add(file + ": not valid YAML");
    }
  }

  private void document(String file, JsonNode document, Map<String, Integer> lines) throws Wrong {
    if (document.isNull()) {
      return; // nothing but comments
    }
    int start = lines.getOrDefault("", 1);
    if (!(document instanceof ObjectNode fields)) {
      throw new Wrong(start, "a value (expected: fields of a resource)");
    }
    Manifest.Kind kind = Manifest.Kind.of(fields.path("kind").asText()).orElse(null);
    if (kind == null) {
      int line = lines.getOrDefault("/kind", start);
      throw new Wrong(line, "/kind: (expected: one of " + Manifest.Kind.words() + ")");
    }
    JsonNode id = fields.path("id");
    if (!id.isTextual() || !ID.matcher(id.asText()).matches()) {
      int line = lines.getOrDefault("/id", start);
      throw new Wrong(line, "/id: (expected: at most 63 of a-z, 0-9 and -, a letter first)");
    }
    fields.remove("kind");
    var manifest = new Manifest(kind, id.asText(), fields, file, lines);
    Manifest other = found.putIfAbsent(manifest.name(), manifest);
    if (other != null) {
      throw new Wrong(start, manifest.name() + " is in " + other.place("") + " already");
    }
  }

  private static JsonNode value(
      YAMLParser parser, String pointer, Map<String, Integer> lines, int depth)
      throws IOException, Wrong {
    int line = line(parser.currentTokenLocation());
    lines.putIfAbsent(pointer, line);
    if (depth > MAX_DEPTH) {
      throw new Wrong(line, "nested too deeply");
    }
    if (parser.isCurrentAlias()) {
      throw new Wrong(line, pointer + ": an alias (expected: the value itself)");
    }
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, pointer, lines, depth);
      case START_ARRAY -> {
        ArrayNode items = nodes.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser, pointer + '/' + items.size(), lines, depth + 1));
        }
        yield items;
      }
      case VALUE_NULL -> nodes.nullNode();
      case VALUE_TRUE -> nodes.booleanNode(true);
      case VALUE_FALSE -> nodes.booleanNode(false);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, pointer, line);
      case VALUE_STRING -> nodes.textNode(parser.getText());
      default -> throw new Wrong(line, pointer + ": a value of a kind that JSON does not have");
    };
  }

  private static JsonNode number(JsonParser parser, String pointer, int line)
      throws IOException, Wrong {
    try {
      return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
          ? JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue())
          : JsonNodeFactory.instance.numberNode(parser.getDecimalValue());
    } catch (NumberFormatException e) {
      throw new Wrong(line, pointer + ": not a number that JSON knows");
    }
  }

  private static ObjectNode object(
      YAMLParser parser, String pointer, Map<String, Integer> lines, int depth)
      throws IOException, Wrong {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      String field = pointer + '/' + name.replace("~", "~0").replace("/", "~1");
      int line = line(parser.currentTokenLocation());
      if (lines.put(field, line) != null) {
        throw new Wrong(line, field + ": occurs twice");
      }
      parser.nextToken();
      fields.set(name, value(parser, field, lines, depth + 1));
    }
    return fields;
  }

  private static int line(@Nullable JsonLocation location) {
    return location == null ? 1 : Math.max(1, location.getLineNr());
  }
}
