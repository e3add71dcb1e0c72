package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code kvlane audit verify}. */
@Command(
    description = {
      "Has the server go through the whole audit log: each line's hash covers the one before.",
      "Exit status 1 if it does not hold together. Note the head; a log that was cut shows no"
          + " longer."
    })
final class AuditVerify implements Callable<Integer> {
  private final Session session;

  AuditVerify(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws Failure {
    JsonNode report = session.api().get("/audit:verify").body();
    String problem = report.path("problem").asText();
    if (session.output() == Options.Output.TABLE) {
      String entries = report.path("entries").asText();
      String head = report.path("head").asText();
      session.print(
          Texts.printable(
              problem.isEmpty()
                  ? entries + " entries hold together; head " + head
                  : "broken after " + entries + " entries: " + problem));
    } else {
      session.show(report);
    }
    return problem.isEmpty() ? 0 : Failure.REFUSED;
  }
}
