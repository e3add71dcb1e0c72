package io.kvlane.router.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * A closed loop of requests from one event loop: each slot sends the next request when the answer
 * to the last one has come and was right. Its own cost shows in the figures of the contender {@code
 * direct}.
 *
 * <p>One load runs at a time; {@link #run} blocks its caller, the rest happens on the event loop.
 */
final class LoadClient {
  /** An answer that takes longer is an error. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Context context;

  LoadClient(Vertx vertx) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
  }

  /**
   * Loads the contender for {@code leadIn} without looking, then for {@code window} with.
   *
   * @param bodies sent in turn
   */
  Sample run(
      Contender contender, Scenario scenario, List<Buffer> bodies, Duration leadIn, Duration window)
      throws Exception {
    Load load = new Load(contender, scenario, bodies);
    onLoop(load::start);
    TimeUnit.NANOSECONDS.sleep(leadIn.toNanos());
    Duration cpu = contender.cpu();
    onLoop(load::open);
    TimeUnit.NANOSECONDS.sleep(window.toNanos());
    onLoop(load::close);
    Duration spent = contender.cpu().minus(cpu);
    onLoop(load::stop).get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    return load.sample(spent);
  }

  /** Sends {@code count} requests one after the other over one connection. */
  Sample first(Contender contender, Scenario scenario, List<Buffer> bodies, int count)
      throws Exception {
    Load load = new Load(contender, scenario, bodies);
    load.remaining = count;
    Duration cpu = contender.cpu();
    onLoop(load::open);
    onLoop(load::start);
    load.ended.future().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    onLoop(load::close);
    Duration spent = contender.cpu().minus(cpu);
    onLoop(load::stop).get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    return load.sample(spent);
  }

  private void onLoop(Runnable action) throws Exception {
    this.<Void>onLoop(
            () -> {
              action.run();
              return Future.succeededFuture();
            })
        .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  private <T> java.util.concurrent.CompletableFuture<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    context.runOnContext(ignored -> action.get().onComplete(done));
    return done.future().toCompletionStage().toCompletableFuture();
  }

  /** One run; touched on the event loop only. */
  private final class Load {
    private final Scenario scenario;
    private final List<Buffer> bodies;
    private final HttpClient client;
    private final RequestOptions request;
    private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private final Map<String, Long> errors = new TreeMap<>();
    private final Promise<Void> ended = Promise.promise();
    private int remaining = Integer.MAX_VALUE;
    private int slots;
    private int sent;
    private long chunks;
    private long openedAt;
    private Duration window = Duration.ZERO;
    private boolean open;

    Load(Contender contender, Scenario scenario, List<Buffer> bodies) {
      this.scenario = scenario;
      this.bodies = bodies;
      this.client =
          vertx.createHttpClient(
              new HttpClientOptions().setTcpNoDelay(true).setKeepAliveTimeout(60),
              new PoolOptions().setHttp1MaxSize(scenario.concurrency()));
      this.request =
          new RequestOptions()
              .setMethod(HttpMethod.POST)
              .setHost("127.0.0.1")
              .setPort(contender.port())
              .setURI("/v1/chat/completions")
              .setTimeout(TIMEOUT.toMillis())
              .putHeader("content-type", "application/json");
    }

    void start() {
      slots = scenario.concurrency();
      for (int i = 0; i < slots; i++) {
        long delay = scenario.spread().toMillis() * i / slots;
        if (delay == 0) {
          next();
        } else {
          vertx.setTimer(delay, ignored -> next());
        }
      }
    }

    void open() {
      open = true;
      openedAt = System.nanoTime();
    }

    void close() {
      open = false;
      window = Duration.ofNanos(System.nanoTime() - openedAt);
    }

    Future<Void> stop() {
      remaining = 0;
      return ended.future().eventually(client::close);
    }

    Sample sample(Duration cpu) {
      return new Sample(window, latencies, chunks, cpu, errors);
    }

    private void next() {
      if (remaining == 0) {
        if (--slots == 0) {
          ended.tryComplete();
        }
        return;
      }
      remaining--;
      Buffer body = bodies.get(sent++ % bodies.size());
      long start = System.nanoTime();
      client
          .request(request)
          .compose(out -> out.send(body))
          .compose(this::read)
          .onComplete(
              result -> {
                if (result.failed()) {
                  errors.merge(String.valueOf(result.cause().getMessage()), 1L, Long::sum);
                  // A contender that refuses at once must not turn this into a busy loop.
                  vertx.setTimer(10, ignored -> next());
                  return;
                }
                if (open) {
                  latencies.recordValue(System.nanoTime() - start);
                }
                next();
              });
    }

    private Future<Void> read(HttpClientResponse response) {
      Tally tally = new Tally();
      response.handler(
          data -> {
            int events = tally.add(data);
            if (open) {
              chunks += events;
            }
          });
      return response
          .end()
          .compose(
              ignored -> {
                String wrong = tally.wrong(response.statusCode(), scenario);
                return wrong.isEmpty() ? Future.succeededFuture() : Future.failedFuture(wrong);
              });
    }
  }

  /** Counts the bytes and events of one answer. */
  private static final class Tally {
    private int bytes;
    private int events;
    private boolean lineEmpty = true;

    int add(Buffer data) {
      int before = events;
      byte[] read = data.getBytes();
      for (byte b : read) {
        if (b == '\n') {
          events += lineEmpty ? 1 : 0;
          lineEmpty = true;
        } else if (b != '\r') {
          lineEmpty = false;
        }
      }
      bytes += read.length;
      return events - before;
    }

    /** What is wrong with the answer, empty if nothing. */
    String wrong(int status, Scenario scenario) {
      if (status != 200) {
        return "status " + status;
      }
      if (scenario.streamed()) {
        return events == scenario.events()
            ? ""
            : "%d events instead of %d".formatted(events, scenario.events());
      }
      int whole = MockConnection.PLAIN_BODY.length();
      return bytes == whole ? "" : "%d bytes instead of %d".formatted(bytes, whole);
    }
  }
}
