package io.kvlane.router.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** {@code kvlane}: steers KVLane through the admin API. */
public final class KvlaneMain {
  private static final List<String> ACTIONS = List.of("drain", "evacuate", "resume");

  private static final Map<String, String> EFFECTS =
      Map.of(
          "drain", "Lets its traffic ramp away; it still serves what nobody else can.",
          "evacuate", "Sends it nothing new at once.",
          "resume", "Lets its traffic come back.");

  private KvlaneMain() {}

  public static void main(String[] args) {
    System.exit(commandLine(System.getenv()).execute(args));
  }

  /** The whole command line, which reads what is not said from that environment. */
  static CommandLine commandLine(Map<String, String> environment) {
    var options = new Options();
    var session = new Session(options, environment);
    var kvlane = new CommandLine(options);
    kvlane
        .addSubcommand(
            resources("policy", "Routing policies.", session, Things.POLICIES)
                .addSubcommand("diff", new ApplyCommand.Diff(session))
                .addSubcommand("apply", new ApplyCommand.Apply(session))
                .addSubcommand("rollback", new RevisionCommands.Rollback(session)))
        .addSubcommand(
            ordered(
                resources("pool", "Models' pools.", session, Things.POOLS), session, Things.POOLS))
        .addSubcommand(resources("tenant", "Tenants.", session, Things.TENANTS))
        .addSubcommand(
            resources("key", "Keys for this API.", session, Things.KEYS)
                .addSubcommand("create", new KeyCommands.Create(session))
                .addSubcommand("rotate", new KeyCommands.Rotate(session))
                .addSubcommand("revoke", new KeyCommands.Revoke(session)))
        .addSubcommand(
            group("revision", "Revisions of all of them.")
                .addSubcommand("list", new ListCommand(session, Things.REVISIONS))
                .addSubcommand("diff", new RevisionCommands.Diff(session)))
        .addSubcommand(
            group("rollout", "How revisions reach the routers.")
                .addSubcommand("list", new ListCommand(session, Things.ROLLOUTS))
                .addSubcommand("status", new RolloutStatus(session))
                .addSubcommand("promote", new RolloutEnd(session, "promote"))
                .addSubcommand("rollback", new RolloutEnd(session, "rollback")))
        .addSubcommand(
            ordered(
                resources("replica", "Engines of this region.", session, Things.REPLICAS),
                session,
                Things.REPLICAS))
        .addSubcommand(
            ordered(
                resources("region", "Regions.", session, Things.REGIONS), session, Things.REGIONS))
        .addSubcommand(
            group("audit", "Who wrote what, or was refused.")
                .addSubcommand("list", new ListCommand(session, Things.AUDIT))
                .addSubcommand("verify", new AuditVerify(session)))
        .addSubcommand("resolve", new ResolveCommand(session))
        .addSubcommand("completion", new Completion(kvlane));
    return kvlane
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(
            parsed -> {
              CommandLine root = parsed.commandSpec().commandLine();
              session.writers(root.getOut(), root.getErr());
              return new CommandLine.RunLast().execute(parsed);
            })
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              command.getErr().println("kvlane: " + message(e));
              command.getErr().flush();
              return e instanceof Failure failure ? failure.status() : Failure.REFUSED;
            });
  }

  private static String message(Exception e) {
    return e instanceof Failure ? String.valueOf(e.getMessage()) : "failed: " + e;
  }

  private static CommandLine group(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    return new CommandLine(spec);
  }

  private static CommandLine resources(
      String name, String description, Session session, Things things) {
    return group(name, description)
        .addSubcommand("list", new ListCommand(session, things))
        .addSubcommand("get", new GetCommand(session, things));
  }

  private static CommandLine ordered(CommandLine group, Session session, Things things) {
    for (String action : ACTIONS) {
      var order = new CommandLine(new OrderCommand(session, things, action));
      order.getCommandSpec().usageMessage().description(EFFECTS.get(action));
      group.addSubcommand(action, order);
    }
    return group;
  }

  /** {@code kvlane completion}. */
  @Command(description = "Prints a completion script: source <(kvlane completion).")
  private static final class Completion implements Callable<Integer> {
    private final CommandLine kvlane;

    Completion(CommandLine kvlane) {
      this.kvlane = kvlane;
    }

    @Override
    public Integer call() {
      kvlane.getOut().print(AutoComplete.bash("kvlane", kvlane));
      kvlane.getOut().flush();
      return 0;
    }
  }
}
