package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A revision as text, for the disk and for other routers: its first line is the SHA-256 of the
 * rest, which is JSON.
 */
public final class StateText {
  private static final int HASH_LENGTH = 64;

  private StateText() {}

  /** The text of a revision. */
  public static String write(State state) {
    return write(state, Map.of());
  }

  /**
   * @param more fields that {@link #fields} gives back
   */
  static String write(State state, Map<String, String> more) {
    List<Map<String, Object>> resources = new ArrayList<>();
    for (Content.Item item : state.content().resources().values()) {
      Map<String, Object> entry = new TreeMap<>();
      entry.put("kind", item.resource().key().kind().collection());
      entry.put("revision", item.revision());
      entry.put("json", item.json());
      resources.add(entry);
    }
    Map<String, Object> document = new TreeMap<>(more);
    document.put("revision", state.revision());
    document.put("hash", state.hash());
    document.put("resources", resources);
    String body = ResourceJson.text(document);
    return Digests.sha256(body.getBytes(UTF_8)) + '\n' + body;
  }

  /**
   * The revision that a text is of.
   *
   * @throws InvalidResource if it is damaged, or of another version of the router
   */
  public static State read(String text) throws InvalidResource {
    JsonNode document = fields(text);
    var resources = new TreeMap<ResourceKey, Content.Item>();
    for (JsonNode entry : document.path("resources")) {
      Kind kind =
          Kind.ofCollection(entry.path("kind").asText())
              .orElseThrow(() -> invalid("/resources", "a kind that is not known here"));
      String json = entry.path("json").asText();
      Resource resource = ResourceJson.read(kind, ResourceJson.parse(json));
      long revision = entry.path("revision").asLong();
      resources.put(resource.key(), new Content.Item(resource, json, revision));
    }
    return new State(
        document.path("revision").asLong(), document.path("hash").asText(), new Content(resources));
  }

  /**
   * The number of the revision that a text is of, whichever version of the router wrote it.
   *
   * @throws InvalidResource if it is damaged
   */
  public static long revision(String text) throws InvalidResource {
    return fields(text).path("revision").asLong();
  }

  /**
   * All that a text says.
   *
   * @throws InvalidResource if it is damaged
   */
  static JsonNode fields(String text) throws InvalidResource {
    int end = text.indexOf('\n');
    if (end != HASH_LENGTH
        || !Digests.sha256(text.substring(end + 1).getBytes(UTF_8))
            .equals(text.substring(0, end))) {
      throw invalid("", "damaged: its checksum is another one");
    }
    return ResourceJson.parse(text.substring(end + 1));
  }

  private static InvalidResource invalid(String path, String message) {
    return new InvalidResource(List.of(new FieldError(path, message)));
  }
}
