package io.kvlane.agent;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: {@code kvlane-agent run | decode | watch}. */
@Command(
    name = "kvlane-agent",
    description = "Tells the region what one engine's KV cache holds.",
    mixinStandardHelpOptions = true,
    subcommands = {RunCommand.class, DecodeCommand.class, WatchCommand.class},
    synopsisSubcommandLabel = "COMMAND")
public final class AgentMain implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  AgentMain() {
    spec = CommandLine.Model.CommandSpec.create();
  }

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Runs a command; returns its exit status. */
  static int execute(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    return new CommandLine(new AgentMain()).setUsageHelpAutoWidth(true);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command given (expected: run, decode or watch)");
  }
}
