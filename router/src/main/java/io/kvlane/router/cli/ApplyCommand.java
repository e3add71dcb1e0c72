package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kvlane policy apply} and, with nothing written, {@code kvlane policy diff}. */
final class ApplyCommand {
  private ApplyCommand() {}

  /** {@code kvlane policy diff -f DIR}. */
  @Command(
      description = {
        "Shows what apply would change.",
        "The server checks the whole as if it were written, so this needs a key that may write it."
      })
  static final class Diff implements Callable<Integer> {
    private final Session session;

    @Option(names = "-f", paramLabel = "DIR", required = true, description = "As for apply.")
    private @Nullable Path directory;

    @Option(names = "--prune", description = "As for apply.")
    private boolean prune;

    Diff(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      show(session, changes(session, directory, "", prune, null).tried(false));
      return 0;
    }
  }

  /** {@code kvlane policy apply -f DIR}. */
  @Command(
      description = {
        "Makes policies, pools and tenants as the files say, in one revision or not at all.",
        "Each YAML document is one of them: kind (Policy, Pool or Tenant), id, and its fields; what"
            + " is left out is as by default. Others are left alone. If somebody else writes in"
            + " between, nothing is done and the exit status is 3."
      })
  static final class Apply implements Callable<Integer> {
    private final Session session;

    @Option(
        names = "-f",
        paramLabel = "DIR",
        required = true,
        description = "A directory with *.yaml files, or one file.")
    private @Nullable Path directory;

    @Option(
        names = "--validate-only",
        description = "Check and show, with the impact on recent requests, but write nothing.")
    private boolean validateOnly;

    @Option(
        names = "--prune",
        description = "Remove what is not in the files, but of a kind that is.")
    private boolean prune;

    @Option(
        names = {"-m", "--message"},
        paramLabel = "TEXT",
        description = "What the revision is for.")
    private String message = "";

    @Mixin private final CanaryOptions canary = new CanaryOptions();

    Apply(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      ChangeSet changes = changes(session, directory, message, prune, canary.rollout());
      JsonNode tried = changes.tried(validateOnly);
      boolean nothing = tried.path("diff").isEmpty();
      show(session, validateOnly || nothing ? tried : changes.done());
      if (nothing) {
        session.note("All is as the files say; nothing is written.");
      } else if (validateOnly) {
        session.note("Valid; nothing is written.");
      } else {
        session.note("Written. kvlane rollout status --watch shows it reach the routers.");
      }
      return 0;
    }
  }

  private static ChangeSet changes(
      Session session,
      @Nullable Path directory,
      String description,
      boolean prune,
      @Nullable ObjectNode rollout)
      throws Failure {
    if (directory == null) {
      throw Failure.usage("-f: missing (expected: a directory)");
    }
    return new ChangeSet(
        session.api(), ManifestReader.read(directory), description, prune, rollout);
  }

  /** A write's result, done or not. */
  static void show(Session session, JsonNode result) {
    if (session.output() == Options.Output.TABLE) {
      session.print(DiffText.of(result.path("diff")));
      if (result.has("impact")) {
        session.print(ImpactText.of(result.path("impact")));
      }
      session.print("revision " + result.path("revision").asText());
    } else {
      session.show(result);
    }
  }
}
