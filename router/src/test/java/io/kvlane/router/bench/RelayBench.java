package io.kvlane.router.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures relays that are already running, in interleaved rounds: in each round every contender
 * gets one window of every kind of load, in an order that turns from round to round, so that a slow
 * spell of the machine meets all of them. Exits with 1 if an answer was wrong.
 */
@Command(name = "relay-bench", description = "Measures relays in interleaved rounds.")
public final class RelayBench implements Callable<Integer> {
  @Option(
      names = "--contender",
      required = true,
      description = "name=port[/pid...], once for each; 'direct' is the engine itself.")
  private List<String> contenders = List.of();

  @Option(names = "--rounds", defaultValue = "5", description = "Rounds (default 5).")
  private int rounds;

  @Option(names = "--window", defaultValue = "2.5", description = "Seconds a window (default 2.5).")
  private double window;

  @Option(
      names = "--warm-up",
      defaultValue = "2",
      description = "Seconds a kind before the rounds (default 2).")
  private double warmUp;

  @Option(names = "--warm-up-of", description = "Name=seconds, where more is needed, as by a JVM.")
  private Map<String, Double> warmUps = Map.of();

  @Option(names = "--usage", description = "Streaming clients ask for the usage chunk.")
  private boolean usage;

  @Option(names = "--only", description = "Kinds of load whose name begins so; all by default.")
  private String only = "";

  @Option(names = "--json", description = "File to write the figures to.")
  private @Nullable Path json;

  @Option(names = "--seed", defaultValue = "1", description = "Seed of the prompts (default 1).")
  private long seed;

  public static void main(String[] args) {
    System.exit(new CommandLine(new RelayBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      RelayReport report = measure(new LoadClient(vertx));
      System.out.print(report.table());
      if (json != null) {
        Files.writeString(json, report.json(new ObjectMapper()) + System.lineSeparator());
      }
      Map<String, Long> errors = report.errors();
      errors.forEach((reason, count) -> System.err.printf("%d x %s%n", count, reason));
      return errors.isEmpty() ? 0 : 1;
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private RelayReport measure(LoadClient client) throws Exception {
    List<Contender> all = contenders.stream().map(Contender::parse).toList();
    Random random = new Random(seed);
    List<Kind> kinds =
        Scenario.all(usage).stream()
            .map(scenario -> new Kind(scenario, scenario.bodies(random)))
            .toList();
    RelayReport report = new RelayReport();
    Kind single = kinds.getFirst();
    // The client and the engine are JVMs too: they get warm before anybody's cold start is looked
    // at.
    for (Contender contender : all) {
      if (contender.name().equals(RelayReport.BASELINE)) {
        client.run(
            contender, kinds.get(1).scenario, kinds.get(1).bodies, Duration.ZERO, seconds(warmUp));
      }
    }
    for (Contender contender : all) {
      report.addCold(contender, client.first(contender, single.scenario, single.bodies, 200));
    }
    List<Kind> chosen =
        kinds.stream().filter(kind -> kind.scenario.name().startsWith(only)).toList();
    for (Contender contender : all) {
      for (Kind kind : chosen) {
        double length = warmUps.getOrDefault(contender.name(), warmUp);
        client.run(contender, kind.scenario, kind.bodies, Duration.ZERO, seconds(length));
      }
    }
    List<Contender> order = new ArrayList<>(all);
    for (int round = 1; round <= rounds; round++) {
      System.err.printf("round %d of %d%n", round, rounds);
      for (Kind kind : chosen) {
        Duration leadIn = Duration.ofMillis(300).plus(kind.scenario.spread());
        for (Contender contender : order) {
          Sample sample =
              client.run(contender, kind.scenario, kind.bodies, leadIn, seconds(window));
          report.add(kind.scenario, contender, sample);
        }
      }
      Collections.rotate(order, 1);
    }
    return report;
  }

  private static Duration seconds(double value) {
    return Duration.ofNanos(Math.round(value * 1e9));
  }

  private record Kind(Scenario scenario, List<Buffer> bodies) {}
}
