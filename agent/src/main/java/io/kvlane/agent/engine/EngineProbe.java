package io.kvlane.agent.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an engine every half second how it is. A process that is gone is noticed with the next
 * check, one that hangs or is unwell with the second in a row: one late answer is no news. Works on
 * a Vert.x event loop and never blocks; statuses may be read from any thread.
 */
public final class EngineProbe implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineProbe.class);

  public static final long PERIOD_MILLIS = 500;
  public static final long TIMEOUT_MILLIS = 800;

  private static final int FAILURES = 2;

  /** Models and metrics may be late without the engine being unwell. */
  private static final long SLOW_TIMEOUT_MILLIS = 3_000;

  private static final int MAX_BODY_BYTES = 8 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Vertx vertx;
  private final HttpClient client;
  private final String base;
  private final Consumer<EngineStatus> listener;
  private final long timer;

  // Written on the event loop only.
  private volatile EngineStatus status = EngineStatus.UNKNOWN;
  private boolean checking;
  private boolean reading;
  private int failures;

  /**
   * Begins to ask.
   *
   * @param engine its base address, such as {@code http://127.0.0.1:8000}
   * @param listener told every new status, on the event loop; must not block
   */
  public EngineProbe(Vertx vertx, URI engine, Consumer<EngineStatus> listener) {
    this.vertx = vertx;
    this.base = engine.toString().replaceAll("/+$", "");
    this.listener = listener;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) TIMEOUT_MILLIS).setKeepAlive(true));
    this.timer = vertx.setPeriodic(1, PERIOD_MILLIS, _ -> ask());
  }

  /** The last status. Any thread. */
  public EngineStatus status() {
    return status;
  }

  private void ask() {
    if (!checking) {
      checking = true;
      get("/health", TIMEOUT_MILLIS)
          .onComplete(
              answer -> {
                checking = false;
                if (answer.succeeded()) {
                  failures = 0;
                  update(status.withHealth(EngineStatus.Health.HEALTHY));
                } else {
                  log.debug("engine health: {}", answer.cause().toString());
                  failed(answer.cause());
                }
              });
    }
    if (!reading) {
      reading = true;
      Future.join(
              get("/v1/models", SLOW_TIMEOUT_MILLIS).onSuccess(this::readModels),
              get("/metrics", SLOW_TIMEOUT_MILLIS)
                  .onSuccess(body -> update(status.withMetrics(new MetricsText(body.toString())))))
          .onComplete(_ -> reading = false);
    }
  }

  private void failed(Throwable cause) {
    failures++;
    if (isRefusal(cause)) {
      update(status.withHealth(EngineStatus.Health.GONE));
    } else if (failures >= FAILURES) {
      update(status.withHealth(EngineStatus.Health.UNHEALTHY));
    }
  }

  private static boolean isRefusal(Throwable cause) {
    return cause instanceof ConnectException && !String.valueOf(cause).contains("timed out");
  }

  private Future<Buffer> get(String path, long timeoutMillis) {
    RequestOptions options =
        new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(base + path);
    return client
        .request(options)
        .compose(
            request ->
                request
                    .send()
                    .compose(
                        response -> {
                          if (response.statusCode() != 200) {
                            // Else the client logs its own reset as an error.
                            response.exceptionHandler(e -> log.debug("engine: {}", e.toString()));
                            request.reset();
                            return Future.failedFuture(path + ": " + response.statusCode());
                          }
                          Buffer body = Buffer.buffer();
                          response.handler(
                              part -> {
                                if (body.length() + part.length() > MAX_BODY_BYTES) {
                                  request.reset();
                                } else {
                                  body.appendBuffer(part);
                                }
                              });
                          return response.end().map(_ -> body);
                        })
                    .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                    .onFailure(_ -> request.reset()))
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private void readModels(Buffer body) {
    try {
      List<String> models = new ArrayList<>();
      String baseModel = "";
      for (JsonNode model : JSON.readTree(body.getBytes()).path("data")) {
        String id = model.path("id").asText();
        if (!id.isEmpty()) {
          models.add(id);
          boolean adapter = !model.path("parent").asText("").isEmpty();
          baseModel = baseModel.isEmpty() && !adapter ? id : baseModel;
        }
      }
      update(status.withModels(models, baseModel));
    } catch (JsonProcessingException e) {
      log.warn("engine: /v1/models is not JSON: {}", e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void update(EngineStatus changed) {
    status = changed;
    listener.accept(changed);
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
    client.close();
  }
}
