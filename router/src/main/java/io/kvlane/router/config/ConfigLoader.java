package io.kvlane.router.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Loads a router's configuration: what the environment says wins over the file, and what neither
 * says is as in {@link RouterConfig#DEFAULTS}.
 */
public final class ConfigLoader {
  private final Map<String, String> environment;

  /**
   * @param environment variables such as {@code KVLANE_LISTEN_PORT}
   */
  public ConfigLoader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** Loads {@code file}. */
  public RouterConfig load(Path file) throws ConfigException {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (expected: a YAML file in UTF-8)");
    }
  }

  /**
   * Loads YAML text.
   *
   * @param source its name, for messages
   */
  public RouterConfig parse(String source, String yaml) throws ConfigException {
    Node.Mapping root = new YamlReader(source).read(yaml);
    return new Binder(source, environment)
        .record(RouterConfig.class, Place.ROOT, root, RouterConfig.DEFAULTS);
  }

  /** The annotated file with every key and its default. */
  public static String reference() {
    try (InputStream in =
        ConfigLoader.class.getResourceAsStream("/io/kvlane/router/kvlane-router.yaml")) {
      if (in == null) {
        throw new IllegalStateException("kvlane-router.yaml is not on the class path");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
