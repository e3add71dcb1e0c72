package io.kvlane.simulator.live.load;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.io.Console;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs a workload from empty caches, once or more, and tells how it gets on. */
final class LoadRunner {
  private static final long TTY_SECONDS = 1;
  private static final long LOG_SECONDS = 10;
  private static final int CONNECT_MILLIS = 5_000;

  private final Vertx vertx;
  private final Workload workload;
  private final Travel travel;
  private final List<String> engines;
  private final String model;
  private final long timeoutMillis;
  private final int concurrency;
  private final RequestLog log;
  private final PrintStream out;

  /**
   * @param engines whose caches are emptied before every run
   * @param log of all requests of all runs
   */
  LoadRunner(
      Vertx vertx,
      Workload workload,
      Travel travel,
      List<String> engines,
      String model,
      long timeoutSeconds,
      int concurrency,
      RequestLog log,
      PrintStream out) {
    this.vertx = vertx;
    this.workload = workload;
    this.travel = travel;
    this.engines = engines;
    this.model = model;
    this.timeoutMillis = TimeUnit.SECONDS.toMillis(timeoutSeconds);
    this.concurrency = concurrency;
    this.log = log;
    this.out = out;
  }

  /** Runs the workload and waits for its end; not to be called on an event loop. */
  RunResult run(String label, Targets targets, Map<String, String> headers) {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS),
            new PoolOptions().setHttp1MaxSize(concurrency));
    Promise<RunResult> result = Promise.promise();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        ignored ->
            new EngineReset(vertx, client, model)
                .all(engines)
                .compose(reset -> measured(label, client, targets, headers))
                .onComplete(result));
    try {
      return result.future().await();
    } finally {
      client.close().await();
    }
  }

  private Future<RunResult> measured(
      String label, HttpClient client, Targets targets, Map<String, String> headers) {
    Tally tally = new Tally();
    Map<String, Tally> regions = new LinkedHashMap<>();
    targets.regions().forEach(region -> regions.put(region, new Tally()));
    Progress progress = new Progress(out, label, workload.size(), tally, System::nanoTime);
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    long seconds = terminal ? TTY_SECONDS : LOG_SECONDS;
    long timer = vertx.setPeriodic(TimeUnit.SECONDS.toMillis(seconds), t -> progress.print());
    return workload
        .run(
            vertx,
            new LoadClient(client, targets, travel, headers, timeoutMillis, System::nanoTime),
            outcome -> {
              tally.add(outcome);
              log.add(outcome);
              regions.computeIfAbsent(outcome.sentTo(), ignored -> new Tally()).add(outcome);
            })
        .map(
            done -> {
              vertx.cancelTimer(timer);
              return new RunResult(label, tally, regions, progress.seconds());
            });
  }
}
