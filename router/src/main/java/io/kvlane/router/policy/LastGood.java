package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The last good revision on this router's own disk: one file that is either the old revision or the
 * new one, whenever the process or the machine dies. Its first line is the SHA-256 of the rest.
 */
final class LastGood {
  private static final int HASH_LENGTH = 64;

  private final Path file;
  private final Path draft;

  LastGood(Path file) {
    this.file = file;
    this.draft = file.resolveSibling(file.getFileName() + ".new");
  }

  /**
   * A revision as it was saved.
   *
   * @param savedAt when it was known to be the newest
   */
  record Saved(State state, Instant savedAt) {}

  /** Returns when the revision is on the disk. */
  void save(State state, Instant now) throws IOException {
    List<Map<String, Object>> resources = new ArrayList<>();
    for (Content.Item item : state.content().resources().values()) {
      Map<String, Object> entry = new TreeMap<>();
      entry.put("kind", item.resource().key().kind().collection());
      entry.put("revision", item.revision());
      entry.put("json", item.json());
      resources.add(entry);
    }
    Map<String, Object> document = new TreeMap<>();
    document.put("revision", state.revision());
    document.put("hash", state.hash());
    document.put("savedAt", now.toString());
    document.put("resources", resources);
    byte[] body = ResourceJson.text(document).getBytes(UTF_8);
    byte[] head = (Digests.sha256(body) + '\n').getBytes(UTF_8);
    try (FileChannel out = FileChannel.open(draft, CREATE, WRITE, TRUNCATE_EXISTING)) {
      for (byte[] part : List.of(head, body)) {
        ByteBuffer buffer = ByteBuffer.wrap(part);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      out.force(true);
    }
    Files.move(draft, file, ATOMIC_MOVE, REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), READ)) {
      directory.force(true);
    }
  }

  /**
   * What was saved last; empty if nothing was.
   *
   * @throws IOException if the file cannot be read or is not what was written
   */
  Optional<Saved> load() throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    String text = new String(bytes, UTF_8);
    int end = text.indexOf('\n');
    if (end != HASH_LENGTH
        || !Digests.sha256(text.substring(end + 1).getBytes(UTF_8))
            .equals(text.substring(0, end))) {
      throw new IOException(file + " is damaged: its checksum is another one");
    }
    try {
      JsonNode document = ResourceJson.parse(text.substring(end + 1));
      var resources = new TreeMap<ResourceKey, Content.Item>();
      for (JsonNode entry : document.path("resources")) {
        Kind kind = Kind.ofCollection(entry.path("kind").asText()).orElseThrow();
        String json = entry.path("json").asText();
        Resource resource = ResourceJson.read(kind, ResourceJson.parse(json));
        long revision = entry.path("revision").asLong();
        resources.put(resource.key(), new Content.Item(resource, json, revision));
      }
      State state =
          new State(
              document.path("revision").asLong(),
              document.path("hash").asText(),
              new Content(resources));
      return Optional.of(new Saved(state, Instant.parse(document.path("savedAt").asText())));
    } catch (InvalidResource | RuntimeException e) {
      throw new IOException(file + " was written by another version of the router", e);
    }
  }
}
