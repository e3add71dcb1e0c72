package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be asked of revisions. */
final class RevisionCommands {
  private RevisionCommands() {}

  /** {@code kvlane revision diff A B}. */
  @Command(description = "Shows what leads from one revision to another.")
  static final class Diff implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "FROM")
    private long from;

    @Parameters(index = "1", paramLabel = "TO")
    private long to;

    Diff(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      JsonNode found = session.api().get("/revisions:diff?from=" + from + "&to=" + to).body();
      if (session.output() == Options.Output.TABLE) {
        session.print(DiffText.of(found.path("diff")));
      } else {
        session.show(found);
      }
      return 0;
    }
  }

  /** {@code kvlane policy rollback REVISION}. */
  @Command(description = "Makes all as it was in an older revision, in a new revision.")
  static final class Rollback implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "REVISION", description = "As revision list shows it.")
    private long revision;

    @Option(names = "--validate-only", description = "Check and show, but write nothing.")
    private boolean validateOnly;

    Rollback(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws Failure {
      String newest = session.api().get("/revisions?pageSize=1").etag();
      String path = "/revisions/" + revision + ":rollback";
      JsonNode tried = post(path + "?validateOnly=true", newest);
      boolean nothing = tried.path("diff").isEmpty();
      ApplyCommand.show(session, validateOnly || nothing ? tried : post(path, newest));
      if (nothing) {
        session.note("All is as in revision " + revision + "; nothing is written.");
      }
      return 0;
    }

    private JsonNode post(String path, String etag) throws Failure {
      return AdminClient.good(session.api().post(path, null, Map.of("If-Match", etag))).body();
    }
  }
}
