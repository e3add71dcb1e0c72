package io.kvlane.agent;

import io.kvlane.agent.event.EventMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "decode",
    description = "Prints recorded event messages, or bare payloads, as JSON lines.",
    mixinStandardHelpOptions = true)
final class DecodeCommand implements Callable<Integer> {
  @Option(names = "--tokens", description = "Print token ids too: they are prompt content.")
  private boolean tokens;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "What to read.")
  private List<Path> files = List.of();

  /** 1 if a file could not be read as a message or payload at all. */
  @Override
  public Integer call() {
    EventPrinter printer = new EventPrinter(tokens);
    boolean all = true;
    for (Path file : files) {
      EventPrinter.Line line;
      try {
        byte[] bytes = Files.readAllBytes(file);
        List<EventMessage> recorded = EventPrinter.recording(bytes);
        line =
            recorded.isEmpty()
                ? printer.print(file.toString(), null, bytes)
                : printer.print(
                    file.toString(), recorded.getFirst(), recorded.getFirst().payload());
      } catch (IOException e) {
        line = printer.failure(file.toString(), "cannot be read: " + e);
      }
      System.out.println(line.json());
      all &= line.decoded();
    }
    return all ? 0 : 1;
  }
}
