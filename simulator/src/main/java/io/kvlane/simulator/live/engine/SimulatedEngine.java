package io.kvlane.simulator.live.engine;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running simulated engine. It answers vLLM's endpoints from a real block cache and a real
 * scheduler whose steps take the time that {@link io.kvlane.simulator.engine.StepCost} says, and
 * publishes what happens to the cache as KV events. {@code POST /fault} makes it misbehave:
 *
 * <pre>{"failNext": 1, "failStatus": 503}      the next request fails at once
 * {"hangNext": 1}                          never answers, not even with headers
 * {"cutNext": 1, "cutAfterChunks": 3}      closes the connection after three body chunks
 * {"slowNext": 1, "slowMillis": 2000}      queues the request late
 * {"dropBatches": 2}                       two event batches get a number, but are lost
 * {"silentReplay": true}                   replay requests get no answer
 * {}                                       all of it off</pre>
 *
 * <p>Safe for any thread.
 */
public final class SimulatedEngine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SimulatedEngine.class);
  private static final int CLOSE_SECONDS = 5;

  private final EngineOptions options;
  private final Vertx vertx;
  private final EngineVerticle verticle;
  private final String deployment;
  private final @Nullable EventPublisher publisher;

  private SimulatedEngine(
      EngineOptions options,
      Vertx vertx,
      EngineVerticle verticle,
      String deployment,
      @Nullable EventPublisher publisher) {
    this.options = options;
    this.vertx = vertx;
    this.verticle = verticle;
    this.deployment = deployment;
    this.publisher = publisher;
  }

  /**
   * Starts an engine on one event loop of {@code vertx}.
   *
   * @return the engine once its ports are open; fails if one cannot be bound
   */
  public static Future<SimulatedEngine> start(Vertx vertx, EngineOptions options) {
    Faults faults = new Faults();
    EventOptions events = options.events();
    EventPublisher publisher;
    try {
      publisher =
          events == null
              ? null
              : new EventPublisher(events, options.loras(), InstantSource.system(), faults);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    EngineVerticle verticle =
        new EngineVerticle(options, publisher, faults, InstantSource.system(), System::nanoTime);
    return vertx
        .deployVerticle(verticle)
        .map(id -> new SimulatedEngine(options, vertx, verticle, id, publisher))
        .onFailure(
            e -> {
              if (publisher != null) {
                publisher.close();
              }
            });
  }

  /** The HTTP port it listens on. */
  public int port() {
    return verticle.port();
  }

  /** The base URL of its API. */
  public String url() {
    return "http://" + options.host() + ":" + port();
  }

  /** The ZeroMQ endpoint of its KV events, empty if it publishes none. */
  public String eventsEndpoint() {
    return publisher == null ? "" : publisher.endpoint();
  }

  /** The ZeroMQ endpoint for replay requests, empty if it has none. */
  public String replayEndpoint() {
    String endpoint = publisher == null ? null : publisher.replayEndpoint();
    return endpoint == null ? "" : endpoint;
  }

  /** The line that tells scripts that the engine is up, and where. */
  public String readyLine() {
    return "engine %s ready at %s events %s replay %s"
        .formatted(options.name(), url(), orNone(eventsEndpoint()), orNone(replayEndpoint()));
  }

  private static String orNone(String endpoint) {
    return endpoint.isEmpty() ? "none" : endpoint;
  }

  /** Closes its ports and connections, whatever is under way. */
  @Override
  public void close() {
    try {
      vertx.undeploy(deployment).await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | RuntimeException e) {
      log.warn("engine {} did not close cleanly: {}", options.name(), e.toString());
    }
    if (publisher != null) {
      publisher.close();
    }
  }
}
