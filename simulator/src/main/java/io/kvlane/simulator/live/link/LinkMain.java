package io.kvlane.simulator.live.link;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvlane-link}: distance between regions on one machine, until the process is stopped. */
@Command(
    name = "kvlane-link",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Puts distance between regions on one machine: TCP proxies that delay and fail.")
public final class LinkMain implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--link",
      arity = "1..*",
      required = true,
      paramLabel = LinkSpec.FORM,
      description = "A proxy; repeatable.")
  private List<String> links = List.of();

  @Option(
      names = "--bind",
      defaultValue = "127.0.0.1",
      description = "Address that the proxies listen at, such as 0.0.0.0 in a container.")
  private String bind = "";

  @Option(
      names = "--control",
      defaultValue = "0",
      description = "Port on loopback that commands are taken at, 0 for any free one.")
  private int control;

  @Option(names = "--seed", defaultValue = "1", description = "Seed of the jitter.")
  private long seed;

  LinkMain() {}

  public static void main(String[] arguments) {
    int status =
        new CommandLine(new LinkMain())
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  line.getErr().println("kvlane-link: " + error.getMessage());
                  return 1;
                })
            .execute(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Starts the proxies and returns; the process lives on until it is signalled. */
  @Override
  public Integer call() {
    List<LinkSpec> specs = new ArrayList<>();
    for (String link : links) {
      try {
        specs.add(LinkSpec.parse(link));
      } catch (IllegalArgumentException e) {
        CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
        throw new ParameterException(line, "--link: " + e.getMessage(), e);
      }
    }
    Vertx vertx = Vertx.vertx();
    Links started = Links.start(vertx, bind, specs, seed).await();
    HttpServer server = LinkControl.start(vertx, started, control).await();
    System.out.printf("links ready at http://127.0.0.1:%d%n", server.actualPort());
    return 0;
  }
}
