package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvlane key create}, {@code rotate} and {@code revoke}. */
final class KeyCommands {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([smhd])");
  private static final int NAME_BYTES = 4;
  private static final String TTL = "When it ends, from now on, like 90d or 12h";

  private KeyCommands() {}

  /** What a key may do. */
  enum Role {
    VIEWER,
    OPERATOR,
    ADMIN
  }

  /** {@code kvlane key create}. */
  @Command(
      description = {
        "Makes a key and prints its secret, this once.",
        "It can do no more than the key with which it is made. A tenant's keys begin with its name"
            + " and a hyphen."
      })
  static final class Create implements Callable<Integer> {
    private final Session session;

    @Parameters(
        arity = "0..1",
        paramLabel = "ID",
        description = "Its name; else one is made up, from the tenant's if there is one.")
    private @Nullable String id;

    @Option(names = "--role", required = true, description = "viewer, operator or admin.")
    private @Nullable Role role;

    @Option(
        names = "--tenant",
        paramLabel = "NAME",
        description = "Whose policies it is for; again for more, none for all.")
    private List<String> tenants = List.of();

    @Option(
        names = "--region",
        paramLabel = "NAME",
        description = "Where it may drain; it writes nothing then. Again for more, none for all.")
    private List<String> regions = List.of();

    @Option(names = "--ttl", paramLabel = "TIME", description = TTL + " (default: 90d).")
    private @Nullable String ttl;

    @Option(
        names = {"-m", "--message"},
        paramLabel = "TEXT",
        description = "What it is for.")
    private String description = "";

    Create(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      ObjectNode key = JsonNodeFactory.instance.objectNode();
      key.put("id", id == null ? madeUp() : id);
      key.put("role", String.valueOf(role).toUpperCase(Locale.ROOT));
      key.put("description", description);
      tenants.forEach(key.putArray("tenants")::add);
      regions.forEach(key.putArray("regions")::add);
      if (ttl != null) {
        key.put("ttlSeconds", seconds("--ttl", ttl));
      }
      show(session, AdminClient.good(session.api().post("/keys", key, Map.of())).body());
      return 0;
    }

    private String madeUp() {
      byte[] bytes = new byte[NAME_BYTES];
      new SecureRandom().nextBytes(bytes);
      String first = tenants.isEmpty() ? "key" : tenants.getFirst();
      return first + '-' + HexFormat.of().formatHex(bytes);
    }
  }

  /** {@code kvlane key rotate ID}. */
  @Command(
      description = {
        "Gives a key a new secret and prints it, this once.",
        "The secret before opens on for a while; the one before that does not."
      })
  static final class Rotate implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "As list shows it.")
    private String id = "";

    @Option(
        names = "--overlap",
        paramLabel = "TIME",
        description = "How long the secret before opens on, like 1h or 0s (default: 1h).")
    private @Nullable String overlap;

    @Option(names = "--ttl", paramLabel = "TIME", description = TTL + "; else as before.")
    private @Nullable String ttl;

    Rotate(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      ObjectNode rotation = JsonNodeFactory.instance.objectNode();
      if (overlap != null) {
        rotation.put("overlapSeconds", seconds("--overlap", overlap));
      }
      if (ttl != null) {
        rotation.put("ttlSeconds", seconds("--ttl", ttl));
      }
      Map<String, String> known = Map.of("If-Match", etag(session, id));
      show(
          session,
          AdminClient.good(session.api().post(path(id) + ":rotate", rotation, known)).body());
      return 0;
    }
  }

  /** {@code kvlane key revoke ID}. */
  @Command(description = "Takes a key away: it opens nothing as soon as routers have heard of it.")
  static final class Revoke implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "As list shows it.")
    private String id = "";

    Revoke(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      JsonNode done = AdminClient.good(session.api().delete(path(id), etag(session, id))).body();
      ApplyCommand.show(session, done);
      session.note("Revoked. kvlane rollout status --watch shows it reach the routers.");
      return 0;
    }
  }

  private static String path(String id) {
    return "/keys/" + AdminClient.encode(id);
  }

  private static String etag(Session session, String id) throws Failure {
    AdminClient.Answer answer = session.api().get(path(id));
    if (answer.lastGood()) {
      throw new Failure(
          Failure.UNREACHABLE, "The policy store cannot be reached; nothing can be written.");
    }
    return answer.etag();
  }

  /** The secret alone for people and scripts, what it is of beside it. */
  private static void show(Session session, JsonNode result) throws Failure {
    String secret = result.path("secret").asText();
    JsonNode key = result.at("/resources/0/resource");
    String id = key.path("id").asText();
    if (secret.isEmpty()) {
      throw Failure.refused(
          id
              + " was made, but the answer with its secret was lost on the way: kvlane key rotate "
              + id);
    }
    if (session.output() == Options.Output.TABLE) {
      session.print(secret);
      session.note(
          Texts.printable(
              "The secret of "
                  + id
                  + ", until "
                  + key.path("expiresAt").asText()
                  + ". It is not shown again."));
    } else {
      session.show(result);
    }
  }

  private static long seconds(String option, String text) throws Failure {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw Failure.usage(option + ": " + text + " (expected: like 90d, 12h, 30m or 0s)");
    }
    long unit =
        switch (matcher.group(2)) {
          case "s" -> 1;
          case "m" -> 60;
          case "h" -> 3_600;
          default -> 86_400;
        };
    return Long.parseLong(matcher.group(1)) * unit;
  }
}
