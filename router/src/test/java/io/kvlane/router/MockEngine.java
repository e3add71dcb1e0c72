package io.kvlane.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine that does as it is told, and counts what it is asked. */
public final class MockEngine implements AutoCloseable {
  /** How to answer one request. */
  @FunctionalInterface
  public interface Script {
    void answer(HttpServerResponse response);
  }

  /** A request as it came. */
  public record Seen(String uri, MultiMap headers, Buffer body) {
    public String text() {
      return body.toString(UTF_8);
    }
  }

  public static final String USAGE =
      "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";
  public static final String DONE = "data: [DONE]\n\n";

  private final Vertx vertx;
  private final HttpServer server;
  private final ConcurrentLinkedQueue<Script> scripts = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger aborted = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Script usual = json(200, "{\"id\":\"1\"}");
  private volatile boolean remember = true;

  public MockEngine(Vertx vertx) {
    this.vertx = vertx;
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setMaxHeaderSize(1 << 20))
            .connectionHandler(
                connection -> {
                  connections.incrementAndGet();
                  connection.closeHandler(closed -> connections.decrementAndGet());
                })
            .requestHandler(this::handle);
    server.listen(0, "127.0.0.1").await();
  }

  private void handle(HttpServerRequest request) {
    calls.incrementAndGet();
    open.incrementAndGet();
    var response = request.response();
    response.endHandler(
        end -> {
          open.decrementAndGet();
          if (!response.ended()) {
            aborted.incrementAndGet();
          }
        });
    request
        .body()
        .onSuccess(
            body -> {
              if (remember) {
                seen.add(new Seen(request.uri(), request.headers(), body));
              }
              Script next = scripts.poll();
              (next == null ? usual : next).answer(response);
            });
  }

  /** The next requests get these answers, in order. */
  public MockEngine then(Script... next) {
    scripts.addAll(List.of(next));
    return this;
  }

  /** All requests without an answer of their own get this one. */
  public MockEngine always(Script script) {
    usual = script;
    return this;
  }

  public MockEngine forget() {
    remember = false;
    return this;
  }

  public StaticRouting.Replica replica(String name) {
    return new StaticRouting.Replica(name, "127.0.0.1", server.actualPort());
  }

  public int calls() {
    return calls.get();
  }

  /** Requests that are not yet answered. */
  public int open() {
    return open.get();
  }

  /** Requests whose connection was closed before their answer was complete. */
  public int aborted() {
    return aborted.get();
  }

  public int connections() {
    return connections.get();
  }

  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  public Seen last() {
    return seen().getLast();
  }

  public static Script json(int status, String body) {
    return response ->
        response.setStatusCode(status).putHeader("content-type", "application/json").end(body);
  }

  public static Script header(String name, String value, Script script) {
    return response -> script.answer(response.putHeader(name, value));
  }

  /** No answer at all. */
  public static Script silence() {
    return response -> {};
  }

  /** The connection is closed without an answer. */
  public static Script reset() {
    return HttpServerResponse::reset;
  }

  /** An event stream in the given pieces, complete. */
  public static Script stream(String... pieces) {
    return response -> {
      events(response, pieces);
      response.end();
    };
  }

  /** An event stream that never ends. */
  public static Script stall(String... pieces) {
    return response -> events(response, pieces);
  }

  /** An event stream whose connection is closed in the middle. */
  public static Script cut(String... pieces) {
    return response -> {
      events(response, pieces);
      response.reset();
    };
  }

  private static void events(HttpServerResponse response, String... pieces) {
    response.setChunked(true).putHeader("content-type", "text/event-stream");
    response.writeHead();
    for (String piece : pieces) {
      response.write(piece);
    }
  }

  /** Waits, then answers. */
  public Script after(long millis, Script script) {
    return response -> vertx.setTimer(millis, timer -> script.answer(response));
  }

  public static String delta(String text) {
    return "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
        + text
        + "\"}}]}\n\n";
  }

  @Override
  public void close() {
    server.close().await();
  }
}
