package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kvlane KIND get ID}. */
@Command(description = "Shows one; as YAML, it is a file that apply takes.")
final class GetCommand implements Callable<Integer> {
  private final Session session;
  private final Things things;

  @Parameters(paramLabel = "ID")
  private String id = "";

  GetCommand(Session session, Things things) {
    this.session = session;
    this.things = things;
  }

  @Override
  public Integer call() throws Failure {
    String path = '/' + things.collection() + '/' + AdminClient.encode(id);
    AdminClient.Answer answer = session.api().get(path);
    if (answer.lastGood()) {
      session.note("The policy store cannot be reached: this is the last good revision.");
    }
    JsonNode body = answer.body();
    Manifest.Kind kind = Manifest.Kind.of(things);
    if (session.output() == Options.Output.JSON || kind == null) {
      session.show(body);
    } else {
      ObjectNode manifest = Texts.JSON.createObjectNode().put("kind", kind.word());
      body.properties().forEach(field -> manifest.set(field.getKey(), field.getValue()));
      manifest.remove("status"); // what is seen of a pool cannot be applied
      session.show(manifest);
    }
    return 0;
  }
}
