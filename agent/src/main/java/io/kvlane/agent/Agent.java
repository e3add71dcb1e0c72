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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
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
  private final List<EventFeed> feeds;
  private final EngineProbe probe;
  private final Thread thread;
  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile boolean closing;

  // Of the agent's thread alone.
  private EngineStatus seen = EngineStatus.UNKNOWN;
  private double startedAt = Double.NaN;
  private boolean following;
  private boolean gone;
  private boolean stalled;
  private long finishedBefore = -1;
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
    feeds = open(settings.events());
    probe = new EngineProbe(vertx, settings.engine(), _ -> {});
    thread = Thread.ofPlatform().name("kvlane-agent").start(this::work);
  }

  private List<EventFeed> open(List<EventFeed.Settings> events) {
    List<EventFeed> opened = new ArrayList<>();
    try {
      for (EventFeed.Settings one : events) {
        Follower.Limits limits = Follower.Limits.standard(one.replay() != null);
        EventFeed.Sink sink = feeder.sink(opened.size());
        opened.add(new EventFeed(one, limits, sink, feeder::report, nanos));
      }
      return List.copyOf(opened);
    } catch (IllegalArgumentException e) {
      opened.forEach(EventFeed::close);
      throw e;
    }
  }

  AgentMetrics metrics() {
    return metrics;
  }

  /** The addresses that events were bound to; for port 0. */
  List<String> eventsEndpoints() {
    return feeds.stream().map(EventFeed::boundEndpoint).toList();
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
      feeds.forEach(EventFeed::close);
    }
  }

  private void step() {
    watchEngine(probe.status());
    for (EventFeed feed : feeds) {
      feed.poll(Math.ceilDiv(POLL_MILLIS, feeds.size()));
    }
    if (feeds.isEmpty()) {
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

  /**
   * Events can be keyed as soon as the model is known: the size of blocks shows in the events too,
   * if the engine does not tell it.
   */
  private void watchShape(EngineStatus status) {
    String model = settings.model() != null ? settings.model() : status.baseModel();
    if (feeds.isEmpty() || model.isEmpty()) {
      return;
    }
    CacheShape shape =
        CacheShape.of(model, blockSize(status), status.pageSize(), cacheTokens(status));
    if (shape.equals(feeder.given())) {
      return;
    }
    log.info("engine: {}", shape);
    boolean same = feeder.reshape(shape);
    if (!following) {
      feeds.forEach(EventFeed::start);
      following = true;
    } else if (!same) {
      feeder.newEpoch(Follower.Cause.RESHAPED);
      feeds.forEach(EventFeed::restart);
    }
  }

  private int blockSize(EngineStatus status) {
    return settings.blockSize() > 0 ? settings.blockSize() : CacheShape.blockOf(status.pageSize());
  }

  /**
   * A process that went away may come back as another, and pass the cursor unseen. Without events
   * too: routers then drop what they believe to be cached.
   */
  private void watchLife(EngineStatus status) {
    boolean named = !Double.isNaN(status.startedAt());
    boolean restarted = named && !Double.isNaN(startedAt) && startedAt != status.startedAt();
    if (named) {
      startedAt = status.startedAt();
    }
    switch (status.health()) {
      case GONE -> {
        if (!gone) {
          feeder.newEpoch(Follower.Cause.ENGINE_RESTARTED);
          feeds.forEach(EventFeed::forget);
        }
        gone = true;
        stalled = false;
        startedAt = Double.NaN;
      }
      // Who says when it started will say so again.
      case UNHEALTHY -> stalled |= !named && !gone;
      case HEALTHY -> {
        if (restarted || stalled) {
          feeder.newEpoch(Follower.Cause.ENGINE_RESTARTED);
        }
        if (restarted || stalled || gone) {
          feeds.forEach(EventFeed::restart);
        }
        gone = false;
        stalled = false;
      }
      case UNKNOWN -> log.debug("engine not asked yet");
    }
  }

  private void watchSilence(EngineStatus status) {
    if (finishedBefore < 0 || status.finished() < finishedBefore) {
      finishedBefore = status.finished();
    }
    boolean nothing = !feeds.isEmpty() && !feeder.hasApplied();
    boolean now = nothing && status.finished() - finishedBefore >= SILENT_REQUESTS;
    if (now && !silent) {
      log.warn(
          "the engine finished {} requests and published no event",
          status.finished() - finishedBefore);
    }
    silent = now;
  }

  private long cacheTokens(EngineStatus status) {
    return settings.cacheTokens() > 0 ? settings.cacheTokens() : status.cacheTokens();
  }

  private ReplicaState state(EngineStatus status) {
    int learned = feeder.blockSize();
    return new ReplicaState(
        settings.replica(),
        settings.advertise().toString(),
        status.models(),
        status.health() == Health.HEALTHY,
        0,
        0,
        !feeds.isEmpty() && !silent,
        learned > 0 ? learned : blockSize(status),
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
