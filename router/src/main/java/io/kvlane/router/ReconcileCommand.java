package io.kvlane.router;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.Reconciliation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvlane-router reconcile}. */
@Command(
    name = "reconcile",
    description =
        "Lets a policy store that was restored from a backup go on above what routers serve. With"
            + " the embedded store its router must not run.",
    mixinStandardHelpOptions = true)
final class ReconcileCommand implements Callable<Integer> {
  /** Whose content holds. */
  enum Keep {
    SERVED,
    RESTORED
  }

  @Option(names = "--config", required = true, description = "That of the router with the store.")
  @SuppressWarnings("NullAway.Init")
  private Path config;

  @Option(
      names = "--keep",
      required = true,
      description = "Whose policies hold: what routers serve, or what was restored.")
  @SuppressWarnings("NullAway.Init")
  private Keep keep;

  @Option(
      names = "--last-good",
      paramLabel = "FILE",
      description = "The file last-good of a router; by default this router's own.")
  private @Nullable Path lastGood;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() throws ConfigException {
    RouterConfig settings = new ConfigLoader(System.getenv()).load(config);
    OptionalLong made =
        Reconciliation.run(settings, Optional.ofNullable(lastGood), keep == Keep.SERVED);
    PrintWriter out = spec.commandLine().getOut();
    if (made.isPresent()) {
      String whose = keep.name().toLowerCase(Locale.ROOT);
      out.printf("revision %d made, with the policies that were %s%n", made.getAsLong(), whose);
    } else {
      out.println("the store has lost nothing");
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }
}
