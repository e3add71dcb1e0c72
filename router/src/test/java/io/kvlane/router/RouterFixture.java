package io.kvlane.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A router, mock engines behind it, and a client. */
public final class RouterFixture implements AutoCloseable {
  public static final String MODEL = "kvlane-demo";
  public static final String CHAT = "/v1/chat/completions";

  public final Vertx vertx;
  public final List<MockEngine> engines = new ArrayList<>();
  public final StaticRouting routing;
  public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  public final RouterServer router;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /** A router with {@code yaml} over the defaults, and so many engines. */
  public RouterFixture(int engineCount, String yaml) {
    this(engineCount, 1000, yaml);
  }

  public RouterFixture(int engineCount, int capacity, String yaml) {
    this(engineCount, capacity, yaml, List.of());
  }

  /** A router that takes another router for its only engine. */
  public static RouterFixture inFrontOf(RouterFixture inner, String yaml) {
    return new RouterFixture(
        0, 1000, yaml, List.of(new StaticRouting.Replica("inner", "127.0.0.1", inner.port())));
  }

  private RouterFixture(
      int engineCount, int capacity, String yaml, List<StaticRouting.Replica> more) {
    vertx =
        Vertx.builder()
            .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2))
            .build();
    List<StaticRouting.Replica> replicas = new ArrayList<>(more);
    for (int i = 1; i <= engineCount; i++) {
      var engine = new MockEngine(vertx);
      engines.add(engine);
      replicas.add(engine.replica("engine-" + i));
    }
    routing = new StaticRouting(replicas, List.of(MODEL), capacity, true);
    router = routerServer(config(yaml));
    router.start().await();
  }

  private RouterServer routerServer(RouterConfig config) {
    return new RouterServer(
        vertx,
        config,
        routing,
        null,
        ControlPlane.builtIn(config, meters),
        null,
        Insight.alone(config),
        meters);
  }

  private static RouterConfig config(String yaml) {
    try {
      return new ConfigLoader(
              Map.of("KVLANE_LISTEN_PORT", "0", "KVLANE_ADMIN_PORT", "0", "KVLANE_REGION", "test"))
          .parse("test", yaml);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  public MockEngine engine() {
    return engines.getFirst();
  }

  public int port() {
    return router.port();
  }

  /** The port that operators use. */
  public int adminPort() {
    return router.adminPort();
  }

  /** A chat with the model; {@code more} are further fields, each with a comma before it. */
  public static String chat(String more) {
    return "{\"model\":\""
        + MODEL
        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
        + more
        + '}';
  }

  public static String streamed() {
    return chat(",\"stream\":true");
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(30));
  }

  public HttpResponse<String> get(String path) {
    return send(request(path).GET().build());
  }

  public HttpResponse<String> post(String path, String body, String... headers) {
    return post(path, body.getBytes(UTF_8), headers);
  }

  public HttpResponse<String> post(String path, byte[] body, String... headers) {
    var request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    request.header("content-type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  public HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A connection on which the test speaks HTTP itself. */
  public Socket connect() throws IOException {
    var socket = new Socket("127.0.0.1", port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** A request for a raw connection. */
  public static byte[] raw(String path, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: "
            + bytes.length
            + "\r\n\r\n";
    return (head + body).getBytes(UTF_8);
  }

  public double gauge(String name) {
    return meters.get(name).gauge().value();
  }

  /** Whether nothing is left of any request. */
  public boolean isIdle() {
    return routing.open() == 0
        && gauge("kvlane.requests.in.flight") == 0
        && gauge("kvlane.requests.queued") == 0
        && gauge("kvlane.bodies.buffered") == 0
        && engines.stream().allMatch(engine -> engine.open() == 0);
  }

  @Override
  public void close() {
    client.close();
    router.stop().await();
    vertx.close().await();
  }
}
