package io.kvlane.agent;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.source.EventFeed;
import io.kvlane.agent.source.Follower;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "watch",
    description = "Prints an engine's events as they come, as JSON lines, until interrupted.",
    mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {
  @CommandLine.Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--tokens", description = "Print token ids too: they are prompt content.")
  private boolean tokens;

  @Option(names = "--bind", description = "Wait for the engine to connect.")
  private boolean bind;

  @Option(
      names = "--replay",
      paramLabel = "ENDPOINT",
      description = "The engine's replay socket: print what it remembers first.")
  private @Nullable String replay;

  @Parameters(paramLabel = "ENDPOINT", description = "Such as tcp://127.0.0.1:5557.")
  private String endpoint = "";

  @Override
  public Integer call() {
    check("ENDPOINT", endpoint);
    if (replay != null) {
      check("--replay", replay);
    }
    EventPrinter printer = new EventPrinter(tokens);
    EventFeed.Settings settings = new EventFeed.Settings(endpoint, bind, replay, null);
    try (EventFeed feed =
        new EventFeed(
            settings,
            Follower.Limits.standard(replay != null),
            new Printing(printer),
            problem -> System.out.println(printer.failure("socket", problem.detail()).json()),
            System::nanoTime)) {
      feed.start();
      while (!Thread.currentThread().isInterrupted()) {
        feed.poll(100);
      }
      return 0;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "ENDPOINT: " + e.getMessage(), e);
    }
  }

  private void check(String option, String value) {
    if (!EventFeed.isEndpoint(value)) {
      throw new ParameterException(
          spec.commandLine(),
          option + ": '" + value + "' (expected: a ZeroMQ endpoint such as tcp://127.0.0.1:5557)");
    }
  }

  private record Printing(EventPrinter printer) implements EventFeed.Sink {
    @Override
    public void apply(EventMessage message) {
      System.out.println(printer.print(null, message, message.payload()).json());
    }

    @Override
    public void newEpoch(Follower.Cause cause) {
      System.out.println(printer.note("new_epoch", cause.label()));
    }

    @Override
    public void replay(long from) {
      System.out.println(printer.note("replay_from", Long.toString(from)));
    }
  }
}
