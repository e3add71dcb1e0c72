package io.kvlane.router;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.config.RouterConfig.Listener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the virtual machine load and compile the way of a request before the first client comes:
 * sends requests of all shapes through a router of its own, with metrics of its own, to an engine
 * that only pretends. Nothing of it is left afterwards.
 */
final class WarmUp {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final int REQUESTS = 4000;
  private static final int CONNECTIONS = 4;
  private static final String HOST = "127.0.0.1";
  private static final String MODEL = "warm-up";
  private static final String DELTA =
      "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"}}]}\n\n";
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":4}}}";
  private static final String STREAM =
      DELTA.repeat(8) + "data: {\"id\":\"1\",\"choices\":[]," + USAGE + "\n\ndata: [DONE]\n\n";

  private record Shape(String path, Buffer body) {
    static Shape of(String path, String fields) {
      return new Shape(path, Buffer.buffer("{\"model\":\"" + MODEL + "\"," + fields + '}'));
    }
  }

  private static final String MESSAGES =
      "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\""
          + "Some words to hash. ".repeat(50)
          + "\"}]";
  private static final List<Shape> SHAPES =
      List.of(
          Shape.of("/v1/chat/completions", MESSAGES + ",\"stream\":true"),
          Shape.of("/v1/chat/completions", MESSAGES),
          Shape.of("/v1/messages", MESSAGES + ",\"stream\":true"),
          Shape.of("/v1/completions", "\"prompt\":\"some words\",\"stream\":true"),
          Shape.of("/v1/responses", "\"input\":\"some words\""),
          Shape.of("/v1/embeddings", "\"input\":\"some words\""));

  private final Duration limit;
  private final LongSupplier nanos;
  private final long deadline;
  private final Promise<Void> sent = Promise.promise();
  private int requests;
  private int busy;

  /**
   * @param limit after which it ends, however far it has come
   * @param nanos a monotonic clock in nanoseconds
   */
  WarmUp(Duration limit, LongSupplier nanos) {
    this.limit = limit;
    this.nanos = nanos;
    this.deadline = nanos.getAsLong() + limit.toNanos();
  }

  /** Runs to its end. A router that could not warm up is a slower one for a while, no more. */
  void run() {
    Vertx vertx =
        Vertx.builder()
            .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1))
            .build();
    try {
      long began = nanos.getAsLong();
      warm(vertx).await(limit.toSeconds() + 3, TimeUnit.SECONDS);
      log.info(
          "Warmed up with {} requests in {} ms",
          requests,
          Duration.ofNanos(nanos.getAsLong() - began).toMillis());
    } catch (RuntimeException | TimeoutException e) {
      log.warn("The warm-up failed: {}", e.toString());
    } finally {
      vertx.close().await();
    }
  }

  private Future<Void> warm(Vertx vertx) {
    var engine = vertx.createHttpServer().requestHandler(WarmUp::answer);
    return engine
        .listen(0, HOST)
        .compose(
            up -> {
              var routing = new WarmUpRouting(MODEL, HOST, up.actualPort());
              var server = new RouterServer(vertx, config(), routing, new SimpleMeterRegistry());
              return server.start().map(started -> server.port());
            })
        .compose(
            port -> {
              HttpClient client =
                  vertx.createHttpClient(
                      new HttpClientOptions().setDefaultHost(HOST).setDefaultPort(port),
                      new PoolOptions().setHttp1MaxSize(CONNECTIONS));
              vertx.runOnContext(
                  turn -> {
                    for (busy = 0; busy < CONNECTIONS; busy++) {
                      next(client);
                    }
                  });
              return sent.future();
            });
  }

  /** The defaults, but on free ports. */
  private static RouterConfig config() {
    RouterConfig defaults = RouterConfig.DEFAULTS;
    var anywhere = new Listener(HOST, 0);
    return new RouterConfig(
        defaults.region(),
        defaults.router(),
        anywhere,
        anywhere,
        1,
        defaults.cluster(),
        defaults.pools(),
        defaults.index(),
        defaults.limits(),
        defaults.queue(),
        defaults.timeouts(),
        defaults.retry(),
        defaults.sse(),
        defaults.routing(),
        defaults.engine());
  }

  private void next(HttpClient client) {
    if (requests >= REQUESTS || nanos.getAsLong() > deadline) {
      if (--busy == 0) {
        sent.tryComplete();
      }
      return;
    }
    Shape shape = SHAPES.get(requests++ % SHAPES.size());
    client
        .request(HttpMethod.POST, shape.path)
        .compose(request -> request.send(shape.body))
        .compose(HttpClientResponse::body)
        .onSuccess(body -> next(client))
        .onFailure(sent::tryFail);
  }

  /** The engine: a few events to whoever asks for a stream. */
  private static void answer(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              boolean stream = body.toString().contains("\"stream\":true");
              request
                  .response()
                  .putHeader("content-type", stream ? "text/event-stream" : "application/json")
                  .setChunked(stream)
                  .end(stream ? STREAM : "{\"id\":\"1\"," + USAGE);
            });
  }
}
