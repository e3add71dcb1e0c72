package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a router while it applies revisions. */
class ApplyCrashIT {
  private static final long SEED = 20_261_127;
  private static final int KILLS = 15;
  private static final Validator VALIDATOR = new Validator(() -> Set.of("us"));

  /** {@code FILE}: applies one revision after the other, and says so of each. */
  static final class Router {
    private Router() {}

    public static void main(String[] args) {
      Policies policies = load(Path.of(args[0]));
      while (true) {
        long next = policies.current().revision() + 1;
        State built = Policies.builtIn(Policy.DEFAULTS);
        policies.apply(new State(next, "1".repeat(64), built.content()));
        System.out.println(next);
        System.out.flush();
      }
    }
  }

  private static Policies load(Path file) {
    return Policies.load(file, Policy.DEFAULTS, VALIDATOR, InstantSource.system());
  }

  @Test
  @DisplayName(
      "CAP-5, ADM-9: kill -9 while a revision is applied: the disk has it or the one before")
  void routerDies_diskHasWhatItServed(@TempDir Path disk) throws Exception {
    System.out.println("seed " + SEED);
    var random = new SplittableRandom(SEED);
    Path file = disk.resolve("last-good");
    for (int kill = 0; kill < KILLS; kill++) {
      Path output = disk.resolve("output-" + kill);
      Process router =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Router.class.getName(),
                  file.toString())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      int lines = random.nextInt(1, 60);
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(2))
          .until(() -> Files.exists(output) && said(output).size() >= lines);
      router.destroyForcibly().waitFor();
      long said = said(output).getLast();
      assertThat(said).isPositive();
      long kept = load(file).current().revision();
      assertThat(kept).as("kill %d", kill).isBetween(said, said + 1);
      assertThat(load(file).status().problem()).isEmpty();
    }
  }

  /** What the router has said that it serves, in whole lines. */
  private static List<Long> said(Path output) throws IOException {
    String text = Files.readString(output);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.matches("\\d+"))
        .map(Long::valueOf)
        .toList();
  }
}
