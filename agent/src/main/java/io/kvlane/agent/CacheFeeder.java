package io.kvlane.agent;

import io.kvlane.agent.cache.CacheShape;
import io.kvlane.agent.cache.CacheUpdate;
import io.kvlane.agent.cache.EngineCache;
import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.EventDecoder;
import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.KvEvent;
import io.kvlane.agent.event.Problem;
import io.kvlane.agent.publish.LogPublisher;
import io.kvlane.agent.source.EventFeed;
import io.kvlane.agent.source.Follower;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies an engine's messages to its cache, and hands the changes on. Used by one thread. */
final class CacheFeeder implements EventFeed.Sink {
  private static final Logger log = LoggerFactory.getLogger(CacheFeeder.class);

  private static final long LOG_PAUSE_NANOS = 1_000_000_000;

  private final Map<Problem.Reason, Long> logged = new EnumMap<>(Problem.Reason.class);
  private final AgentMetrics metrics;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private @Nullable CacheShape shape;
  private @Nullable EngineCache cache;
  private @Nullable LogPublisher publisher;
  private boolean applied;

  CacheFeeder(AgentMetrics metrics, InstantSource clock, LongSupplier nanos) {
    this.metrics = metrics;
    this.clock = clock;
    this.nanos = nanos;
  }

  void publishTo(LogPublisher target) {
    publisher = target;
  }

  /** The engine has another shape than before: nothing that was stored means the same. */
  void reshape(CacheShape changed) {
    shape = changed;
    cache = new EngineCache(changed);
  }

  @Nullable CacheShape shape() {
    return shape;
  }

  long[] keys() {
    return cache == null ? new long[0] : cache.keys();
  }

  int keyCount() {
    return cache == null ? 0 : cache.size();
  }

  int pageCount() {
    return cache == null ? 0 : cache.pages();
  }

  /** Whether an event has ever been applied. */
  boolean hasApplied() {
    return applied;
  }

  @Override
  public void apply(EventMessage message) {
    Optional<EventBatch> decoded = EventDecoder.decode(message.payload(), this::report);
    if (decoded.isEmpty()) {
      newEpoch(Follower.Cause.UNREADABLE);
      return;
    }
    EventBatch batch = decoded.get();
    batch.events().forEach(metrics::event);
    metrics.lag(clock.millis() / 1e3 - batch.ts());
    applied |= !batch.events().isEmpty();
    if (cache == null) {
      return;
    }
    CacheUpdate update = cache.apply(batch);
    update.problems().forEach(this::report);
    if (update.newEpoch()) {
      boolean cleared = batch.events().contains(new KvEvent.AllBlocksCleared());
      announce(cleared ? Follower.Cause.CLEARED : Follower.Cause.OVERFLOW);
    }
    if (publisher != null) {
      publisher.publish(update.changes(), nanos.getAsLong());
    }
  }

  /** Counts each problem; logs each reason at most once a second. */
  void report(Problem problem) {
    metrics.problem(problem);
    long now = nanos.getAsLong();
    Long last = logged.get(problem.reason());
    if (last == null || now - last >= LOG_PAUSE_NANOS) {
      logged.put(problem.reason(), now);
      log.warn("left out: {}: {}", problem.reason().label(), problem.detail());
    }
  }

  @Override
  public void newEpoch(Follower.Cause cause) {
    if (cache != null) {
      cache.clear();
    }
    announce(cause);
  }

  private void announce(Follower.Cause cause) {
    log.info("new epoch: {}", cause.label());
    metrics.epoch(cause);
    if (publisher != null) {
      publisher.newEpoch();
    }
  }

  @Override
  public void replay(long from) {
    log.info("replay from {}", from);
    metrics.replay(from > 0);
  }
}
