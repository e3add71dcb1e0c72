package io.kvlane.simulator.live.load;

import io.kvlane.simulator.text.BlockText;
import io.kvlane.simulator.text.Words;
import io.kvlane.simulator.trace.TraceRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Replays a trace: requests leave at their stamps, divided by the speed, or as soon as the
 * concurrency allows. A prompt's text is made from its block ids when it is sent.
 */
final class TraceWorkload implements Workload {
  private final List<TraceRequest> requests;
  private final String model;
  private final double speed;
  private final int concurrency;
  private final int mostOutput;
  private final LongSupplier nanoTime;
  private final TraceSessions sessions;

  TraceWorkload(
      List<TraceRequest> requests,
      String model,
      double speed,
      int concurrency,
      int mostOutput,
      LongSupplier nanoTime) {
    this.requests = requests;
    this.model = model;
    this.speed = speed;
    this.concurrency = concurrency;
    this.mostOutput = mostOutput;
    this.nanoTime = nanoTime;
    this.sessions = new TraceSessions(requests);
  }

  @Override
  public int size() {
    return requests.size();
  }

  @Override
  public String describe() {
    return "trace, %d requests, speed %s, at most %d in flight, answers of at most %d tokens"
        .formatted(requests.size(), speed, concurrency, mostOutput);
  }

  @Override
  public Future<Void> run(Vertx vertx, LoadClient client, Consumer<Outcome> outcomes) {
    Run run = new Run(vertx, client, outcomes);
    run.pump();
    return run.finished.future();
  }

  private Call call(int number) {
    TraceRequest request = requests.get(number);
    StringBuilder body = new StringBuilder(request.inputTokens() * Words.LENGTH + 200);
    body.append("{\"model\":").append(Json.encode(model)).append(",\"prompt\":\"");
    for (int i = 0; i < request.blocks().length; i++) {
      BlockText.append(request.blocks()[i], request.tokensIn(i), body);
    }
    body.append("\",\"max_tokens\":").append(Math.clamp(request.outputTokens(), 1, mostOutput));
    body.append(",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    return new Call(
        sessions.of(request), number, "/v1/completions", Buffer.buffer(body.toString()), false);
  }

  private final class Run {
    private final Vertx vertx;
    private final LoadClient client;
    private final Consumer<Outcome> outcomes;
    private final Promise<Void> finished = Promise.promise();
    private final long started = nanoTime.getAsLong();
    private int next;
    private int inFlight;
    private boolean timerSet;

    Run(Vertx vertx, LoadClient client, Consumer<Outcome> outcomes) {
      this.vertx = vertx;
      this.client = client;
      this.outcomes = outcomes;
    }

    void pump() {
      while (next < requests.size() && inFlight < concurrency) {
        double now = (nanoTime.getAsLong() - started) / 1e6;
        double wait = requests.get(next).atMillis() / speed - now;
        if (wait > 0) {
          sleep((long) Math.ceil(wait));
          return;
        }
        send(next++);
      }
      if (next == requests.size() && inFlight == 0) {
        finished.tryComplete();
      }
    }

    private void sleep(long millis) {
      if (!timerSet) {
        timerSet = true;
        vertx.setTimer(
            Math.max(1, millis),
            ignored -> {
              timerSet = false;
              pump();
            });
      }
    }

    private void send(int number) {
      inFlight++;
      client
          .send(call(number))
          .onSuccess(
              outcome -> {
                inFlight--;
                outcomes.accept(outcome);
                pump();
              });
    }
  }
}
