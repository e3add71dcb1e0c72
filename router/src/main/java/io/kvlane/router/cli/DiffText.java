package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Differences for people. */
final class DiffText {
  private DiffText() {}

  /**
   * A line for each field; what is added or removed as a whole is shown as YAML.
   *
   * @param diff as the admin API gives it
   */
  static String of(JsonNode diff) {
    if (diff.isEmpty()) {
      return "No differences.";
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode entry : diff) {
      String path = entry.path("path").asText().replaceFirst("^/", "");
      switch (entry.path("op").asText()) {
        case "add" -> whole(text, '+', path, entry.path("to"));
        case "remove" -> whole(text, '-', path, entry.path("from"));
        default ->
            text.append("~ ")
                .append(path)
                .append(": ")
                .append(entry.path("from"))
                .append(" -> ")
                .append(entry.path("to"))
                .append('\n');
      }
    }
    return Texts.printable(text.toString().stripTrailing());
  }

  private static void whole(StringBuilder text, char sign, String path, JsonNode value) {
    text.append(sign).append(' ').append(path).append(':');
    if (!value.isContainerNode() || value.isEmpty()) {
      text.append(' ').append(value).append('\n');
      return;
    }
    text.append('\n');
    Texts.yaml(value)
        .lines()
        .forEach(line -> text.append(sign).append("   ").append(line).append('\n'));
  }
}
