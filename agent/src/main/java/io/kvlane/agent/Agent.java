package io.kvlane.agent;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.agent.cache.CacheShape;
import io.kvlane.agent.engine.EngineProbe;
import io.kvlane.agent.engine.EngineStatus;
import io.kvlane.agent.engine.EngineStatus.Health;
import io.kvlane.agent.publish.LogPublisher;
import io.kvlane.agent.source.EventFeed;
import io.kvlane.agent.source.Follower;
import io.kvlane.locality.log.ReplicaState;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent at work. A single thread applies events and publishes; the engine is asked on an event
 * loop.
 */
final class Agent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  private static final long SNAPSHOT_MILLIS = 10_000;
  private static final long POLL_MILLIS = 5;
  private static final long LEAVE_MILLIS = 700;

  /** So many requests without a single event: this engine publishes none. */
  private static final long SILENT_REQUESTS = 20;

  private final AgentSettings settings;
  private final AgentMetrics metrics = new AgentMetrics();
  private final LongSupplier nanos;
  private final CacheFeeder feeder;
  private final LogPublisher publisher;
  private final @Nullable EventFeed feed;
  private final EngineProbe probe;
  private final Thread thread;
  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile boolean closing;

  // Of the agent's thread alone.
  private EngineStatus seen = EngineStatus.UNKNOWN;
  private double startedAt = Double.NaN;
  private boolean away;
  private boolean silent;

  /**
   * Begins to work.
   *
   * @throws IllegalArgumentException if an endpoint cannot be used
   */
  Agent(
      AgentSettings settings,
      HazelcastInstance hazelcast,
      Vertx vertx,
      InstantSource clock,
      LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    feeder = new CacheFeeder(metrics, clock, nanos);
    publisher =
        new LogPublisher(
            hazelcast, settings.replica(), feeder::keys, clock, SNAPSHOT_MILLIS, metrics);
    feeder.publishTo(publisher);
    EventFeed.Settings events = settings.events();
    feed =
        events == null
            ? null
            : new EventFeed(
                events,
                Follower.Limits.standard(events.replay() != null),
                feeder,
                feeder::report,
                nanos);
    probe = new EngineProbe(vertx, settings.engine(), _ -> {});
    thread = Thread.ofPlatform().name("kvlane-agent").start(this::work);
  }

  AgentMetrics metrics() {
    return metrics;
  }

  /** The address that events were bound to; for port 0. */
  @Nullable String eventsEndpoint() {
    return feed == null ? null : feed.boundEndpoint();
  }

  boolean awaitReady(long millis) throws InterruptedException {
    return ready.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Whether it still follows its engine. */
  boolean isAlive() {
    return thread.isAlive();
  }

  void awaitEnd(long millis) throws InterruptedException {
    thread.join(millis);
  }

  private void work() {
    try {
      while (!closing) {
        step();
      }
    } catch (RuntimeException | Error e) {
      // Half an agent would claim what it no longer follows: its state expires instead.
      log.error("agent stopped", e);
      throw e;
    } finally {
      if (feed != null) {
        feed.close();
      }
    }
  }

  private void step() {
    watchEngine(probe.status());
    if (feed != null) {
      feed.poll(POLL_MILLIS);
    } else {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
    }
    EngineStatus status = probe.status();
    publisher.tick(state(status), nanos.getAsLong());
    metrics.sizes(
        feeder.keyCount(),
        feeder.pageCount(),
        publisher.waiting(),
        status.health() == Health.HEALTHY);
    if (publisher.hasState()) {
      ready.countDown();
    }
  }

  private void watchEngine(EngineStatus status) {
    if (status.equals(seen)) {
      return;
    }
    seen = status;
    watchShape(status);
    watchLife(status);
    watchSilence(status);
  }

  /** Events can be keyed as soon as model and block size are known. */
  private void watchShape(EngineStatus status) {
    String model = settings.model() != null ? settings.model() : status.baseModel();
    int blockSize = settings.blockSize() > 0 ? settings.blockSize() : status.pageSize();
    if (feed == null || model.isEmpty() || blockSize == 0) {
      return;
    }
    CacheShape shape = CacheShape.of(model, blockSize, status.pageSize(), cacheTokens(status));
    CacheShape before = feeder.shape();
    if (shape.equals(before)) {
      return;
    }
    log.info("engine: {}", shape);
    feeder.reshape(shape);
    if (before == null) {
      feed.start();
    } else {
      feed.restart(Follower.Cause.RESHAPED);
    }
  }

  /** A process that went away may come back as another, and pass the cursor unseen. */
  private void watchLife(EngineStatus status) {
    boolean restarted =
        !Double.isNaN(startedAt)
            && !Double.isNaN(status.startedAt())
            && startedAt != status.startedAt();
    boolean known = !Double.isNaN(startedAt) && startedAt == status.startedAt();
    if (!Double.isNaN(status.startedAt())) {
      startedAt = status.startedAt();
    }
    switch (status.health()) {
      case GONE -> {
        if (!away && feed != null) {
          feed.distrust(Follower.Cause.ENGINE_RESTARTED);
        }
        away = true;
      }
      case UNHEALTHY -> away |= !known;
      case HEALTHY -> {
        if (feed != null && (restarted || away)) {
          feed.restart(Follower.Cause.ENGINE_RESTARTED);
        }
        away = false;
      }
      case UNKNOWN -> log.debug("engine not asked yet");
    }
  }

  private void watchSilence(EngineStatus status) {
    boolean nothing = feed != null && !feeder.hasApplied();
    boolean now = nothing && status.finished() >= SILENT_REQUESTS;
    if (now && !silent) {
      log.warn("the engine finished {} requests and published no event", status.finished());
    }
    silent = now;
  }

  private long cacheTokens(EngineStatus status) {
    return settings.cacheTokens() > 0 ? settings.cacheTokens() : status.cacheTokens();
  }

  private ReplicaState state(EngineStatus status) {
    CacheShape shape = feeder.shape();
    return new ReplicaState(
        settings.replica(),
        settings.advertise().toString(),
        status.models(),
        status.health() == Health.HEALTHY,
        0,
        0,
        feed != null && !silent,
        shape != null ? shape.blockSize() : Math.max(settings.blockSize(), status.pageSize()),
        cacheTokens(status),
        status.running(),
        status.waiting(),
        status.kvUsage());
  }

  /** Takes the replica out of the region and stops, within about a second. */
  @Override
  public void close() {
    closing = true;
    probe.close();
    try {
      thread.join(500);
      publisher.leave(LEAVE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
