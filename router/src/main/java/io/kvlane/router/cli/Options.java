package io.kvlane.router.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes. */
@Command(
    name = "kvlane",
    description = "Steers KVLane through the admin API of any of its routers.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "The key is read from a file or from the environment (KVLANE_ADMIN_KEY), never from the"
          + " command line, which others can see.",
      "",
      "Exit status: 0 done, 1 refused or failed, 2 not understood, 3 somebody else wrote first,"
          + " 4 the admin API or the policy store cannot be reached."
    })
final class Options {
  /** How results are shown. */
  enum Output {
    TABLE,
    YAML,
    JSON
  }

  @Option(
      names = "--server",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "A router's admin listener; else KVLANE_ADMIN_URL, else http://127.0.0.1:9100.")
  @Nullable String server;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The file that holds the key; else KVLANE_ADMIN_KEY is the key.")
  @Nullable Path keyFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "PEM file of the authorities that may have signed the server's certificate.")
  @Nullable Path authorities;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      description = "table (default; a single thing is shown as YAML), yaml or json.")
  Output output = Output.TABLE;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this.")
  boolean help;
}
