package io.kvlane.simulator.live.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvlane-certificates}: certificates of regions, for trying out. */
@Command(
    name = "kvlane-certificates",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Issues certificates to regions: REGION.crt.pem and REGION.key.pem, and ca.pem that trusts"
          + " them.",
      "For trials: the authority's key is forgotten at once, so more need a new authority."
    })
public final class CertificatesMain implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "REGION", description = "As routers call it.")
  private List<String> regions = List.of();

  @Option(names = "--directory", defaultValue = ".", description = "Created if need be.")
  private Path directory = Path.of(".");

  @Option(names = "--days", defaultValue = "30", description = "How long they are valid.")
  private int days;

  CertificatesMain() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new CertificatesMain()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(directory);
    Duration validity = Duration.ofDays(days);
    Authority authority = new Authority("KVLane trial", validity);
    authority.writeTrust(directory.resolve("ca.pem"));
    for (String region : regions) {
      authority.issue(
          region,
          validity,
          directory.resolve(region + ".crt.pem"),
          directory.resolve(region + ".key.pem"));
    }
    return 0;
  }
}
