package io.kvlane.simulator.live.load;

import io.kvlane.simulator.trace.MooncakeTrace;
import io.kvlane.simulator.trace.TraceRequest;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code kvlane-load}: puts a workload to routers or engines and prints what came of it. Exit
 * status 1 if a request failed, 2 if the command line is wrong.
 */
@Command(
    name = "kvlane-load",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Replays a trace or holds conversations against KVLane routers.")
public final class LoadMain implements Callable<Integer> {
  private static final String AFFINITY = "x-kvlane-affinity";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = Targets.FORM,
      description = "Base URLs of routers, used in turn within a region.")
  private List<String> routers = List.of();

  @Option(
      names = "--direct",
      arity = "1..*",
      paramLabel = Targets.FORM,
      description =
          "Base URLs of engines, used in turn without a router: instead of routers, or with"
              + " --compare for the second run.")
  private List<String> direct = List.of();

  @Option(
      names = "--compare",
      description = "Run twice from empty caches, the second time with affinity off.")
  private boolean compare;

  @Option(
      names = "--engine",
      arity = "1..*",
      paramLabel = "URL",
      description = "Base URLs of the engines whose caches are emptied before each run.")
  private List<String> engines = List.of();

  @Option(names = "--workload", defaultValue = "chat", description = "chat; a trace is --trace.")
  private String workload = "";

  @Option(names = "--trace", paramLabel = "FILE", description = "Mooncake trace, plain or .gz.")
  private @Nullable Path trace;

  @Option(names = "--requests", defaultValue = "2000", description = "Requests of the trace.")
  private int requests;

  @Option(names = "--speed", defaultValue = "10", description = "Divides the trace's time.")
  private double speed;

  @Option(names = "--concurrency", defaultValue = "64", description = "Requests in flight.")
  private int concurrency;

  @Option(names = "--max-output-tokens", defaultValue = "32", description = "Per answer.")
  private int maxOutputTokens;

  @Option(
      names = "--pooled-tokens",
      defaultValue = "12000000",
      description = "Size of the pooled cache that a trace is compared with.")
  private long pooledTokens;

  @Option(
      names = "--pooled-replicas",
      defaultValue = "4",
      description = "Caches that share that size in plain round robin.")
  private int pooledReplicas;

  @Option(names = "--sessions", defaultValue = "64")
  private int sessions;

  @Option(names = "--turns", defaultValue = "6")
  private int turns;

  @Option(names = "--system-prompts", defaultValue = "8")
  private int systemPrompts;

  @Option(names = "--zipf", defaultValue = "1.0", description = "Skew of the system prompts.")
  private double zipf;

  @Option(names = "--system-tokens", defaultValue = "1024")
  private int systemTokens;

  @Option(names = "--user-tokens", defaultValue = "200")
  private int userTokens;

  @Option(names = "--think-ms", defaultValue = "500", description = "Mean pause between turns.")
  private long thinkMillis;

  @Option(
      names = "--roam",
      defaultValue = "0",
      paramLabel = "SHARE",
      description = {
        "Share of a session's requests that are sent to another region than its home, 0 to 1.",
        "A trace's session is the first block that less than 1 %% of its requests contain."
      })
  private double roam;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the chat workload and of roaming.")
  private long seed;

  @Option(names = "--model", defaultValue = "kvlane-demo")
  private String model = "";

  @Option(
      names = "--api-key",
      defaultValue = "${env:KVLANE_API_KEY:-}",
      description = "Sent as a bearer token.")
  private String apiKey = "";

  @Option(
      names = "--timeout-seconds",
      defaultValue = "300",
      description = "How long a connection may be silent.")
  private long timeoutSeconds;

  @Option(
      names = "--request-log",
      paramLabel = "FILE",
      description = "Write a line of CSV for each request when it ends.")
  private @Nullable Path requestLog;

  @Option(names = "--output", defaultValue = "table", description = "table or json.")
  private String output = "";

  private final PrintStream out;
  private final PrintStream progress;

  LoadMain(PrintStream out, PrintStream progress) {
    this.out = out;
    this.progress = progress;
  }

  public static void main(String[] arguments) {
    System.exit(run(System.out, System.err, arguments));
  }

  /** Runs the command and returns its exit status. */
  static int run(PrintStream out, PrintStream progress, String... arguments) {
    return new CommandLine(new LoadMain(out, progress))
        .setExecutionExceptionHandler(
            (error, line, parsed) -> {
              line.getErr().println("kvlane-load: " + error);
              return 1;
            })
        .execute(arguments);
  }

  @Override
  public Integer call() throws IOException {
    Targets routed = targets("URL", routers);
    Targets straight = targets("--direct", direct);
    engines = targets("--engine", engines).all();
    check();
    require(
        roam == 0 || (routed.isEmpty() ? straight : routed).regions().size() > 1,
        "--roam needs the URLs of several regions");
    List<TraceRequest> slice = trace == null ? List.of() : MooncakeTrace.read(trace, requests);
    Workload work = trace == null ? chat() : trace(slice);
    boolean json = output.equals("json");
    (json ? progress : out).println(work.describe());
    Vertx vertx = Vertx.vertx();
    List<RunResult> results = new ArrayList<>();
    try (RequestLog log = new RequestLog(requestLog, System::nanoTime)) {
      LoadRunner runner =
          new LoadRunner(
              vertx,
              work,
              new Travel(roam, seed),
              engines,
              model,
              timeoutSeconds,
              concurrency,
              log,
              progress);
      Map<String, String> headers =
          apiKey.isEmpty() ? Map.of() : Map.of("authorization", "Bearer " + apiKey);
      if (!compare) {
        boolean none = routed.isEmpty();
        results.add(runner.run(none ? "direct" : "routed", none ? straight : routed, headers));
      } else {
        results.add(runner.run("affinity on", routed, headers));
        if (straight.isEmpty()) {
          Map<String, String> off = new HashMap<>(headers);
          off.put(AFFINITY, "off");
          results.add(runner.run("affinity off", routed, off));
        } else {
          results.add(runner.run("direct", straight, Map.of()));
        }
      }
    } finally {
      vertx.close().await();
    }
    Ceiling ceiling = trace == null ? null : Ceiling.of(slice, pooledTokens, pooledReplicas);
    Report report = new Report(work.describe(), results, ceiling);
    out.println(json ? report.json().encodePrettily() : report.table());
    return results.stream().anyMatch(r -> r.tally().failed() > 0) ? 1 : 0;
  }

  private void check() {
    require(!routers.isEmpty() || !direct.isEmpty(), "give router URLs, or engines with --direct");
    require(!compare || !routers.isEmpty(), "--compare needs router URLs");
    require(
        compare || routers.isEmpty() || direct.isEmpty(),
        "--direct beside router URLs needs --compare");
    require(!compare || !engines.isEmpty(), "--compare needs --engine URLs to empty their caches");
    require(workload.equals("chat"), "--workload: " + workload + " (expected: chat, or --trace)");
    require(output.equals("table") || output.equals("json"), "--output: expected table or json");
    require(roam >= 0 && roam <= 1, "--roam: expected 0 to 1");
    require(speed > 0, "--speed: expected more than 0");
    require(
        requests > 0
            && concurrency > 0
            && maxOutputTokens > 0
            && pooledTokens > 0
            && pooledReplicas > 0
            && sessions > 0
            && turns > 0
            && systemPrompts > 0,
        "numbers: expected more than 0");
  }

  private Targets targets(String option, List<String> urls) {
    try {
      return Targets.parse(urls);
    } catch (IllegalArgumentException e) {
      CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
      throw new ParameterException(line, option + ": " + e.getMessage(), e);
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
      throw new ParameterException(line, message);
    }
  }

  private Workload trace(List<TraceRequest> slice) {
    return new TraceWorkload(slice, model, speed, concurrency, maxOutputTokens, System::nanoTime);
  }

  private Workload chat() {
    return new ChatWorkload(
        new ChatWorkload.Shape(
            sessions,
            turns,
            concurrency,
            systemPrompts,
            zipf,
            systemTokens,
            userTokens,
            maxOutputTokens,
            thinkMillis),
        model,
        seed);
  }
}
