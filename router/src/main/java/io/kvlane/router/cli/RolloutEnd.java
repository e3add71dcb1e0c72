package io.kvlane.router.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvlane rollout promote REVISION} and {@code kvlane rollout rollback REVISION}. */
@Command(description = "Ends a canary, in a new revision: all requests are served by it, or none.")
final class RolloutEnd implements Callable<Integer> {
  private final Session session;
  private final String word;

  @Parameters(paramLabel = "REVISION", description = "With which the canary began.")
  private long revision;

  @Option(names = "--validate-only", description = "Check and show, but write nothing.")
  private boolean validateOnly;

  /**
   * @param word promote or rollback
   */
  RolloutEnd(Session session, String word) {
    this.session = session;
    this.word = word;
  }

  @Override
  public Integer call() throws Failure {
    String path = "/rollouts/" + revision + ':' + word + (validateOnly ? "?validateOnly=true" : "");
    ApplyCommand.show(session, AdminClient.good(session.api().post(path, null, Map.of())).body());
    return 0;
  }
}
