package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kvlane region|replica|pool drain|evacuate|resume NAME}. */
@Command
final class OrderCommand implements Callable<Integer> {
  private static final List<Session.Column> COLUMNS =
      List.of(
          new Session.Column("ID", "/id"),
          new Session.Column("ORDER", "/service/action"),
          new Session.Column("SHARE", "/service/share"),
          new Session.Column("REQUESTS", "/requests"));

  private final Session session;
  private final Things things;
  private final String action;

  @Parameters(paramLabel = "NAME", description = "As list shows it; a model's name for a pool.")
  private String name = "";

  /**
   * @param action {@code drain}, {@code evacuate} or {@code resume}
   */
  OrderCommand(Session session, Things things, String action) {
    this.session = session;
    this.things = things;
    this.action = action;
  }

  @Override
  public Integer call() throws Failure {
    String path = '/' + things.collection() + '/' + AdminClient.encode(name) + ':' + action;
    JsonNode now = AdminClient.good(session.api().post(path, null, Map.of())).body();
    session.show(now, List.of(now), COLUMNS);
    return 0;
  }
}
