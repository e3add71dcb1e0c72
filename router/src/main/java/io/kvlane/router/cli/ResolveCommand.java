package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kvlane resolve}. */
@Command(description = "Shows which policy a request would get on that router now, and why.")
final class ResolveCommand implements Callable<Integer> {
  private static final List<Session.Column> COLUMNS =
      List.of(new Session.Column("POLICY", "/policy"), new Session.Column("WHY", "/why"));

  private final Session session;

  @Option(names = "--model", required = true, description = "As the client sends it.")
  private String model = "";

  @Option(names = "--tenant", description = "The tenant's name.")
  private String tenant = "";

  @Option(names = "--route", description = "The path (default: /v1/chat/completions).")
  private String route = "";

  @Option(names = "--header", paramLabel = "NAME=VALUE", description = "One of its headers.")
  private Map<String, String> headers = new TreeMap<>();

  ResolveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws Failure {
    StringBuilder path = new StringBuilder("/policies:resolve");
    path.append("?model=").append(AdminClient.encode(model));
    if (!tenant.isEmpty()) {
      path.append("&tenant=").append(AdminClient.encode(tenant));
    }
    if (!route.isEmpty()) {
      path.append("&route=").append(AdminClient.encode(route));
    }
    headers.forEach(
        (name, value) ->
            path.append("&header.")
                .append(AdminClient.encode(name))
                .append('=')
                .append(AdminClient.encode(value)));
    JsonNode found = session.api().get(path.toString()).body();
    session.show(found, found.path("steps"), COLUMNS);
    if (session.output() == Options.Output.TABLE) {
      session.print(
          Texts.printable(
              "policy %s, %s, revision %s"
                  .formatted(
                      found.at("/policy/id").asText(),
                      found.path("consistency").asText(),
                      found.path("revision").asText())));
    }
    return 0;
  }
}
