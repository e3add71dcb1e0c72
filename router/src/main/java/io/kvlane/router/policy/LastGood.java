package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The last good revision on this router's own disk: one file that is either the old revision or the
 * new one, whenever the process or the machine dies. Its first line is the SHA-256 of the rest.
 */
final class LastGood {
  private static final String SAVED_AT = "savedAt";

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
    byte[] text = StateText.write(state, Map.of(SAVED_AT, now.toString())).getBytes(UTF_8);
    try (FileChannel out = FileChannel.open(draft, CREATE, WRITE, TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.wrap(text);
      while (buffer.hasRemaining()) {
        out.write(buffer);
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
    try {
      String savedAt = StateText.fields(text).path(SAVED_AT).asText();
      return Optional.of(new Saved(StateText.read(text), Instant.parse(savedAt)));
    } catch (InvalidResource | DateTimeException e) {
      throw new IOException(file + " cannot be used: " + e.getMessage(), e);
    }
  }
}
