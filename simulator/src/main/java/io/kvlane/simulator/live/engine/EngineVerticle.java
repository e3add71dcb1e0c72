package io.kvlane.simulator.live.engine;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine's HTTP surface, on the one event loop that also runs its steps. */
final class EngineVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(EngineVerticle.class);
  private static final int MOST_BODY_BYTES = 64 << 20;

  /** Larger bodies are parsed and tokenized on a worker. */
  private static final int INLINE_BODY_BYTES = 64 << 10;

  private static final int MOST_HEADER_BYTES = 64 << 10;

  private final EngineOptions options;
  private final @Nullable EventPublisher publisher;
  private final Faults faults;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final RequestParser parser;
  private final EngineMetrics metrics;
  private final long created;
  private @Nullable HttpServer server;
  private long requests;

  EngineVerticle(
      EngineOptions options,
      @Nullable EventPublisher publisher,
      Faults faults,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.options = options;
    this.publisher = publisher;
    this.faults = faults;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.parser = new RequestParser(options);
    this.metrics = new EngineMetrics(options);
    this.created = clock.instant().getEpochSecond();
  }

  @Override
  public Future<?> start() {
    EngineLoop engine = new EngineLoop(context, options, publisher, metrics, nanoTime);
    HttpServer http =
        vertx.createHttpServer(new HttpServerOptions().setMaxHeaderSize(MOST_HEADER_BYTES));
    server = http;
    return http.requestHandler(request -> guarded(request, () -> route(request, engine)))
        .listen(options.port(), options.host());
  }

  @Override
  public Future<?> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }

  int port() {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server.actualPort();
  }

  private void route(HttpServerRequest request, EngineLoop engine) {
    boolean post = request.method().equals(HttpMethod.POST);
    for (Api api : Api.values()) {
      if (request.path().equals(api.path())) {
        if (!post) {
          throw new BadRequestException(405, null, "Method Not Allowed");
        }
        generate(api, request, engine);
        return;
      }
    }
    HttpServerResponse response = request.response();
    switch (request.method() + " " + request.path()) {
      case "GET /health", "GET /ping" -> response.end();
      case "GET /version" -> json(response, new JsonObject().put("version", "0.32.0"));
      case "GET /v1/models" -> json(response, models());
      case "GET /load" -> json(response, new JsonObject().put("server_load", metrics.load()));
      case "GET /metrics" ->
          response
              .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
              .end(metrics.render());
      case "GET /fault" -> json(response, new JsonObject(faults.toJson()));
      case "POST /fault" ->
          body(
              request,
              body -> {
                faults.set(parser.object(body.getBytes()));
                json(response, new JsonObject(faults.toJson()));
              });
      case "POST /reset_prefix_cache" ->
          json(response, new JsonObject().put("success", engine.reset()));
      case "POST /tokenize" -> body(request, body -> tokenize(request, body));
      default -> throw new BadRequestException(404, null, "Not Found");
    }
  }

  private void tokenize(HttpServerRequest request, Buffer body) {
    offLoop(
        request,
        body,
        () -> {
          int[] tokens = parser.tokenize(body.getBytes());
          StringBuilder out = new StringBuilder(tokens.length * 7 + 64);
          out.append("{\"count\":").append(tokens.length);
          out.append(",\"max_model_len\":").append(options.maxModelLen()).append(",\"tokens\":[");
          for (int i = 0; i < tokens.length; i++) {
            out.append(i == 0 ? "" : ",").append(tokens[i]);
          }
          return Buffer.buffer(out.append("],\"token_strs\":null}").toString());
        },
        out -> request.response().putHeader("content-type", "application/json").end(out));
  }

  private void generate(Api api, HttpServerRequest request, EngineLoop engine) {
    Faults.Fate fate = faults.next();
    switch (fate) {
      case Faults.Fate.Fail(int status) ->
          throw new BadRequestException(status, null, "failed on demand");
      case Faults.Fate.Hang() -> request.handler(ignored -> {});
      case Faults.Fate.Cut(long chunks) ->
          body(request, body -> generate(api, request, body, engine, 0, chunks));
      case Faults.Fate.Slow(long millis) ->
          body(
              request,
              body ->
                  generate(
                      api,
                      request,
                      body,
                      engine,
                      TimeUnit.MILLISECONDS.toNanos(millis),
                      Long.MAX_VALUE));
      case Faults.Fate.Serve() ->
          body(request, body -> generate(api, request, body, engine, 0, Long.MAX_VALUE));
    }
  }

  private void generate(
      Api api,
      HttpServerRequest request,
      Buffer body,
      EngineLoop engine,
      long delayNanos,
      long mostChunks) {
    HttpServerResponse response = request.response();
    offLoop(
        request,
        body,
        () -> parser.generation(api, body.getBytes()),
        call -> {
          if (response.closed()) {
            return;
          }
          String id = Long.toHexString(created) + "-" + Long.toHexString(++requests);
          Reply reply = Reply.of(call, id, clock.instant().getEpochSecond());
          Generation generation =
              new Generation(call, reply, engine, metrics, response, nanoTime, mostChunks);
          response.closeHandler(ignored -> generation.abandon());
          response.exceptionHandler(ignored -> generation.abandon());
          long wait = Duration.ofNanos(delayNanos).plus(options.overhead()).toMillis();
          if (wait > 0) {
            vertx.setTimer(wait, ignored -> guarded(request, generation::start));
          } else {
            generation.start();
          }
        });
  }

  private JsonObject models() {
    JsonArray data = new JsonArray();
    for (String model : options.models()) {
      data.add(model(model).putNull("parent").put("max_model_len", options.maxModelLen()));
    }
    for (String lora : options.loras()) {
      data.add(model(lora).put("parent", options.models().getFirst()).putNull("max_model_len"));
    }
    return new JsonObject().put("object", "list").put("data", data);
  }

  private JsonObject model(String name) {
    return new JsonObject()
        .put("id", name)
        .put("object", "model")
        .put("created", created)
        .put("owned_by", "kvlane")
        .put("root", name);
  }

  /** Collects the body, up to its limit. */
  private void body(HttpServerRequest request, Consumer<Buffer> handler) {
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() > MOST_BODY_BYTES) {
            request.handler(ignored -> {});
            request.endHandler(null);
            fail(request, new BadRequestException(413, null, "body: more than 64 MiB"));
            return;
          }
          body.appendBuffer(part);
        });
    request.endHandler(ignored -> guarded(request, () -> handler.accept(body)));
  }

  /** Runs work on a worker if the body is large, and goes on with its result on the event loop. */
  private <T> void offLoop(
      HttpServerRequest request, Buffer body, Callable<T> work, Consumer<T> next) {
    Future<T> result =
        body.length() <= INLINE_BODY_BYTES
            ? Future.future(
                promise -> {
                  try {
                    promise.complete(work.call());
                  } catch (Exception e) {
                    promise.fail(e);
                  }
                })
            : vertx.executeBlocking(work, false);
    result.onComplete(
        value -> guarded(request, () -> next.accept(value)), error -> fail(request, error));
  }

  /** A handler that throws would leave the client hanging. */
  private static void guarded(HttpServerRequest request, Runnable handler) {
    try {
      handler.run();
    } catch (RuntimeException e) {
      fail(request, e);
    }
  }

  private static void fail(HttpServerRequest request, Throwable error) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      log.error("request to {} failed after its head", request.path(), error);
      response.reset();
      return;
    }
    int status = error instanceof BadRequestException bad ? bad.status() : 500;
    String field = error instanceof BadRequestException bad ? bad.field() : null;
    String message = "internal error";
    if (error instanceof BadRequestException) {
      message = String.valueOf(error.getMessage());
    } else {
      log.error("request to {} failed", request.path(), error);
    }
    String type =
        switch (status) {
          case 404 -> "NotFoundError";
          case 400, 405, 413 -> "BadRequestError";
          default -> "InternalServerError";
        };
    JsonObject body =
        request.path().equals(Api.MESSAGES.path())
            ? new JsonObject()
                .put("type", "error")
                .put(
                    "error",
                    new JsonObject()
                        .put("type", status < 500 ? "invalid_request_error" : "api_error")
                        .put("message", message))
            : new JsonObject()
                .put(
                    "error",
                    new JsonObject()
                        .put("message", message)
                        .put("type", type)
                        .put("param", field)
                        .put("code", status));
    json(response.setStatusCode(status), body);
  }

  private static void json(HttpServerResponse response, JsonObject body) {
    response.putHeader("content-type", "application/json").end(body.encode());
  }
}
