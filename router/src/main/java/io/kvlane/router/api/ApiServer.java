package io.kvlane.router.api;

import io.kvlane.router.admission.Admission;
import io.kvlane.router.admission.RetryBudgets;
import io.kvlane.router.admission.Tenants;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.routing.PoolSettings;
import io.kvlane.router.routing.Routing;
import io.kvlane.router.telemetry.Insight;
import io.kvlane.router.telemetry.Prices;
import io.kvlane.router.telemetry.RequestMetrics;
import io.kvlane.router.telemetry.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The listeners of a router for clients and for other regions. Safe for any thread. */
public final class ApiServer {
  private final Vertx vertx;
  private final Shared shared;
  private final List<ApiLoop> loops = new ArrayList<>();

  /**
   * @param link the other regions, null if there are none
   */
  public ApiServer(
      Vertx vertx,
      RouterConfig config,
      Routing routing,
      @Nullable Link link,
      Control control,
      Insight insight,
      MeterRegistry registry) {
    this.vertx = vertx;
    var metrics =
        new RequestMetrics(
            registry,
            config.telemetry().metrics(),
            model -> config.pool(model) != null || routing.models().contains(model),
            new Prices(config.telemetry().prices()),
            insight.caches());
    this.shared =
        new Shared(
            config,
            routing,
            new Admission(routing::capacity, config.queue().length()),
            new Tenants(config.access(), config.tenants()),
            metrics,
            Tracing.of(config, registry),
            new BodyBudget(config.limits().maxBufferedBytes()),
            link,
            control,
            insight,
            new RetryBudgets(System::nanoTime),
            new PoolSettings(config, control.policies()),
            new AtomicInteger(),
            new AtomicBoolean());
    metrics.gauges(
        shared.admission()::inFlight,
        shared.admission()::queued,
        shared.budget()::taken,
        shared::ready);
  }

  /** Listens. The future fails if an address is taken. */
  public Future<Void> start() {
    int count = shared.config().eventLoops();
    if (count == 0) {
      count = Runtime.getRuntime().availableProcessors();
    }
    int port = shared(shared.config().listen().port());
    int linkPort = shared(shared.config().link().port());
    Future<?> started = Future.succeededFuture();
    for (int i = 0; i < count; i++) {
      var loop = new ApiLoop(shared, port, linkPort);
      loops.add(loop);
      started = started.compose(before -> vertx.deployVerticle(loop));
    }
    return started.mapEmpty();
  }

  /** A free port is the same for all event loops that ask for it by the same negative number. */
  private static int shared(int port) {
    return port == 0 ? -ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE) : port;
  }

  /** The port that other regions' routers use, 0 if there are none. */
  public int linkPort() {
    return loops.getFirst().actualLinkPort();
  }

  /** The port that clients use. */
  public int port() {
    return loops.getFirst().actualPort();
  }

  /** Whether requests should be sent to this router. */
  public boolean ready() {
    return shared.ready();
  }

  /** Stops taking requests, lets those under way end within the drain limit, then cuts them. */
  public Future<Void> stop() {
    shared.draining().set(true);
    List<Future<Void>> drained = loops.stream().map(ApiLoop::drain).toList();
    return Future.join(drained)
        .eventually(
            () ->
                vertx.executeBlocking(
                    () -> {
                      shared.tracing().close();
                      return null;
                    }))
        .mapEmpty();
  }
}
