package io.kvlane.router.cli;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.tls.PemFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** What the commands share: whom to ask, and how to show what was answered. For one thread. */
final class Session {
  private static final String DEFAULT_SERVER = "http://127.0.0.1:9100";
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final Options options;
  private final Map<String, String> environment;
  private @Nullable PrintWriter out;
  private @Nullable PrintWriter err;
  private @Nullable AdminClient client;

  /** A column of a table, and where its values are in a thing's JSON. */
  record Column(String title, String pointer) {}

  Session(Options options, Map<String, String> environment) {
    this.options = options;
    this.environment = environment;
  }

  /** Says where to write; before any command runs. */
  void writers(PrintWriter results, PrintWriter errors) {
    out = results;
    err = errors;
  }

  Options.Output output() {
    return options.output;
  }

  /** The admin API, as the command line and the environment say. */
  AdminClient api() throws Failure {
    AdminClient known = client;
    if (known == null) {
      known = new AdminClient(server(), key(), trust());
      client = known;
    }
    return known;
  }

  private URI server() throws Failure {
    String set = options.server;
    String text = set != null ? set : environment.getOrDefault("KVLANE_ADMIN_URL", DEFAULT_SERVER);
    String place = set != null ? "--server" : "KVLANE_ADMIN_URL";
    URI server;
    try {
      server = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(place + ": not a URL (expected: like " + DEFAULT_SERVER + ")");
    }
    boolean plain = "http".equals(server.getScheme());
    if (server.getHost() == null || !(plain || "https".equals(server.getScheme()))) {
      throw Failure.usage(place + ": " + text + " (expected: like " + DEFAULT_SERVER + ")");
    }
    if (plain && !LOOPBACK.contains(server.getHost())) {
      note("The key goes to " + server + " unencrypted: anybody on the way can read it.");
    }
    return server;
  }

  private String key() throws Failure {
    Path file = options.keyFile;
    String key = environment.getOrDefault("KVLANE_ADMIN_KEY", "");
    if (file != null) {
      try {
        key = Files.readString(file);
      } catch (IOException e) {
        throw Failure.usage("--key-file: " + file + " cannot be read");
      }
    }
    key = key.strip();
    if (key.isEmpty()) {
      throw Failure.usage("no key: set KVLANE_ADMIN_KEY, or name a file with --key-file");
    }
    if (key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw Failure.usage("the key is not one line of visible ASCII characters");
    }
    return key;
  }

  private @Nullable SSLContext trust() throws Failure {
    Path file = options.authorities;
    if (file == null) {
      return null;
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {PemFiles.trust(file)}, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw Failure.usage("--ca: " + file + ": " + e.getMessage());
    }
  }

  /** A result. */
  void print(String text) {
    requireNonNull(out).println(text);
    requireNonNull(out).flush();
  }

  /** What the operator should know beside the result. */
  void note(String text) {
    requireNonNull(err).println(text);
    requireNonNull(err).flush();
  }

  /**
   * Shows things: a table, or the whole document.
   *
   * @param whole for scripts
   */
  void show(JsonNode whole, Iterable<JsonNode> things, List<Column> columns) {
    switch (options.output) {
      case TABLE -> {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode thing : things) {
          rows.add(columns.stream().map(c -> Texts.cell(thing.at(c.pointer))).toList());
        }
        print(Texts.table(columns.stream().map(Column::title).toList(), rows));
      }
      case YAML -> print(Texts.yaml(whole));
      case JSON -> print(Texts.json(whole));
    }
  }

  /** Shows one thing. */
  void show(JsonNode thing) {
    print(options.output == Options.Output.JSON ? Texts.json(thing) : Texts.yaml(thing));
  }
}
