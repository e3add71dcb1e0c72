package io.kvlane.router.tls;

import io.kvlane.router.config.ConfigException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What some files hold, read again when they change. Safe for any thread. */
public final class ReadAgain<T> {
  private static final Logger log = LoggerFactory.getLogger(ReadAgain.class);

  private final String name;
  private final List<Path> files;
  private final Reader<T> reader;
  private volatile Loaded<T> loaded;

  /** Reads the files. */
  @FunctionalInterface
  public interface Reader<T> {
    T read() throws IOException, GeneralSecurityException;
  }

  private record Loaded<T>(T value, List<FileTime> changed) {}

  /**
   * Reads the files for the first time.
   *
   * @param name of what they are for, as in the configuration
   * @throws ConfigException if one cannot be used
   */
  public ReadAgain(String name, List<Path> files, Reader<T> reader) throws ConfigException {
    this.name = name;
    this.files = List.copyOf(files);
    this.reader = reader;
    try {
      loaded = load();
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigException(name + ": " + files + ": " + e.getMessage());
    }
  }

  /** What they held when they were last good. */
  public T get() {
    return loaded.value;
  }

  /**
   * Looks after them now and then.
   *
   * @return the timer that does so, for {@link Vertx#cancelTimer}
   */
  public long watch(Vertx vertx, long everyMillis) {
    return vertx.setPeriodic(
        everyMillis,
        timer ->
            vertx.executeBlocking(
                () -> {
                  refresh();
                  return null;
                }));
  }

  /** Reads them again if one has changed; what cannot be used is left alone. Blocks. */
  private void refresh() {
    try {
      if (!changed().equals(loaded.changed)) {
        loaded = load();
        log.info("{}: the certificates were read again", name);
      }
    } catch (IOException | GeneralSecurityException e) {
      log.warn("{}: the certificates could not be read again: {}", name, e.toString());
    }
  }

  private Loaded<T> load() throws IOException, GeneralSecurityException {
    List<FileTime> changed = changed();
    return new Loaded<>(reader.read(), changed);
  }

  private List<FileTime> changed() throws IOException {
    List<FileTime> times = new ArrayList<>(files.size());
    for (Path file : files) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }
}
