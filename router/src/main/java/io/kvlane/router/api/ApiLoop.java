package io.kvlane.router.api;

import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.Regions;
import io.kvlane.router.telemetry.TelemetryBatch;
import io.kvlane.router.upstream.Relay;
import io.kvlane.router.upstream.RelayOptions;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop of the router: its share of the client connections, and an HTTP client of its own,
 * so that both sides of a request live on the same loop.
 */
final class ApiLoop extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(ApiLoop.class);
  private static final long TICK_MILLIS = 50;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
  private static final long FAREWELL_MILLIS = 1_000;

  private final Shared shared;
  private final int port;
  private final int linkPort;
  private HttpServer server;
  private @Nullable HttpServer linkServer;
  private Loop loop;
  private Connections connections;
  private long due;

  /**
   * @param port where to listen; negative for a free port that all loops with that number share
   * @param linkPort the same for the link
   */
  @SuppressWarnings("NullAway.Init")
  ApiLoop(Shared shared, int port, int linkPort) {
    this.shared = shared;
    this.port = port;
    this.linkPort = linkPort;
  }

  @Override
  public Future<?> start() {
    RouterConfig config = shared.config();
    var limits = config.limits();
    var timeouts = config.timeouts();
    var toEngines =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout((int) timeouts.connect().toMillis())
            .setKeepAliveTimeout((int) timeouts.keepAlive().toSeconds())
            .setMaxChunkSize(64 << 10)
            .setMaxHeaderSize(64 << 10);
    var options =
        new RelayOptions(
            limits.maxHeldAnswerBytes(), timeouts.slowClient(), config.sse().keepAlive());
    var batch = new TelemetryBatch(shared.metrics(), this::work);
    loop =
        new Loop(
            shared,
            Loop.executor(context),
            new Relay(
                vertx,
                toEngines,
                shared.link() == null ? null : shared.link().regions().clients(),
                options,
                batch::attempt,
                System::nanoTime),
            new BodyScanner(limits.maxMessages(), limits.maxDepth(), this::chunkBytes),
            new Sweeper(),
            new FlushQueue(context),
            new RequestIds(new SplittableRandom()),
            batch,
            System::nanoTime);
    connections =
        new Connections(
            shared.connections(), limits.maxConnections(), limits.idleConnection().toNanos());
    due = loop.nanos().getAsLong() + TICK_NANOS;
    vertx.setPeriodic(TICK_MILLIS, id -> tick());
    var http =
        new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setHandle100ContinueAutomatically(true)
            .setMaxChunkSize(64 << 10)
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setMaxInitialLineLength(limits.maxRequestLineBytes())
            .setTcpNoDelay(true);
    server =
        vertx
            .createHttpServer(http)
            .connectionHandler(c -> connections.opened(c, loop.nanos().getAsLong()))
            .invalidRequestHandler(ApiLoop::invalid)
            .requestHandler(this::handle);
    Future<?> listening = server.listen(port, config.listen().host());
    Link link = shared.link();
    if (link == null) {
      return listening;
    }
    HttpServer forLink =
        vertx
            .createHttpServer(link.options(http))
            .exceptionHandler(link::failed)
            .connectionHandler(link::opened)
            .requestHandler(request -> guarded(request, () -> dispatch(link, request)));
    linkServer = forLink;
    return listening.compose(up -> forLink.listen(linkPort, config.link().host()));
  }

  private void work(Runnable task) {
    context
        .executeBlocking(Executors.callable(task))
        .onFailure(e -> log.error("Requests were not counted", e));
  }

  private int chunkBytes(String model) {
    return shared.pools().of(model).chunkBytes();
  }

  private void tick() {
    long now = loop.nanos().getAsLong();
    shared.metrics().loopLag(Math.max(0, now - due));
    due = now + TICK_NANOS;
    loop.sweeper().sweep(now);
    loop.batch().flush();
    connections.sweep(now);
  }

  int actualPort() {
    return server.actualPort();
  }

  /** The link's port, 0 if there is no link. */
  int actualLinkPort() {
    return linkServer == null ? 0 : linkServer.actualPort();
  }

  /**
   * Takes no new connections; what is under way may end within the time limit. Clients that are
   * about to use a connection that stands are first told for a moment, with their answers, to use
   * it no more: closed at once, it would break under their next request.
   */
  Future<Void> drain() {
    long millis = shared.config().timeouts().drain().toMillis();
    long timer = vertx.setTimer(Math.max(1, millis), id -> loop.sweeper().stopAll());
    long farewell = shared.connections().get() == 0 ? 0 : Math.min(FAREWELL_MILLIS, millis / 4);
    Future<Void> said =
        farewell == 0 ? Future.succeededFuture() : vertx.timer(farewell, TimeUnit.MILLISECONDS);
    return said.compose(told -> shutdown(millis + 1000 - farewell))
        .onComplete(done -> vertx.cancelTimer(timer));
  }

  private Future<Void> shutdown(long millis) {
    Future<Void> clients = server.shutdown(millis, TimeUnit.MILLISECONDS);
    return linkServer == null
        ? clients
        : Future.join(clients, linkServer.shutdown(millis, TimeUnit.MILLISECONDS)).mapEmpty();
  }

  private void handle(HttpServerRequest request) {
    guarded(
        request,
        () -> {
          connections.requestBegan(request.connection());
          request
              .response()
              .endHandler(
                  ended ->
                      connections.requestEnded(request.connection(), loop.nanos().getAsLong()));
          dispatch(request);
        });
  }

  private interface Handling {
    void run() throws IOException;
  }

  private void guarded(HttpServerRequest request, Handling handling) {
    try {
      handling.run();
    } catch (IOException | RuntimeException e) {
      log.error("A handler failed", e);
      if (!request.response().headWritten()) {
        refuse(request, ApiError.internal());
      } else {
        request.connection().close();
      }
    }
  }

  /** What comes from another region's router. */
  private void dispatch(Link link, HttpServerRequest request) throws IOException {
    String path = request.path();
    Endpoint endpoint = path == null ? null : Endpoint.of(path);
    if (endpoint != null && request.method().equals(HttpMethod.POST)) {
      if (link.admits(request)) {
        new ApiRequest(loop, endpoint, request, true).start();
      } else {
        refuse(request, ApiError.forwardRefused());
      }
    } else if (Regions.STATE_PATH.equals(path)) {
      link.state(request, shared.routing(), shared.control(), shared.draining()::get);
    } else if (Regions.DIGEST_PATH.equals(path)) {
      link.digest(request, shared.routing());
    } else if (Regions.POLICIES_PATH.equals(path)) {
      request.response().end(shared.control().revision().get());
    } else if (Regions.AUDIT_PATH.equals(path)) {
      link.audit(request, shared.control());
    } else if (path != null && path.startsWith("/admin/")) {
      shared.control().admin().handle(request);
    } else {
      refuse(request, ApiError.noSuchPath());
    }
  }

  private void dispatch(HttpServerRequest request) {
    String path = request.path();
    Endpoint endpoint = path == null ? null : Endpoint.of(path);
    if (endpoint != null) {
      if (request.method().equals(HttpMethod.POST)) {
        new ApiRequest(loop, endpoint, request, false).start();
      } else {
        request.response().putHeader(HttpHeaders.ALLOW, "POST");
        refuse(request, ApiError.methodNotAllowed("POST"));
      }
      return;
    }
    switch (path == null ? "" : path) {
      case "/v1/models" ->
          get(request, () -> Probes.json(request, 200, Models.list(shared.routing().models())));
      case "/health" -> get(request, () -> Probes.health(request));
      case "/ready" -> get(request, () -> Probes.ready(request, shared.ready()));
      default -> refuse(request, ApiError.noSuchPath());
    }
  }

  private void get(HttpServerRequest request, Runnable answer) {
    if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
      answer.run();
    } else {
      request.response().putHeader(HttpHeaders.ALLOW, "GET");
      refuse(request, ApiError.methodNotAllowed("GET"));
    }
  }

  private void refuse(HttpServerRequest request, ApiError error) {
    String path = request.path();
    var shape =
        path != null && path.startsWith("/v1/messages") ? ErrorShape.ANTHROPIC : ErrorShape.OPENAI;
    String id = loop.ids().of(request.getHeader(Headers.REQUEST_ID));
    request.response().putHeader(Headers.REQUEST_ID, id).putHeader("x-kvlane-region", region());
    Probes.json(request, shape.status(error), shape.body(error, id));
  }

  private String region() {
    return shared.config().region();
  }

  /** A request that is no HTTP, or too much of it. */
  private static void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    int status =
        cause instanceof TooLongHttpHeaderException
            ? 431
            : cause instanceof TooLongHttpLineException ? 414 : 400;
    ApiError error =
        new ApiError(
            status, ApiError.Kind.INVALID, "bad_http", "The request is not valid HTTP.", null, 0);
    Probes.json(request, status, ErrorShape.OPENAI.body(error, "none"))
        .onComplete(sent -> request.connection().close());
  }
}
