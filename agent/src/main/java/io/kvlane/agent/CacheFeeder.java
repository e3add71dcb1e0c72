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

/**
 * Applies the messages of an engine's publishers to its cache, and hands the changes on. When one
 * of several publishers (data-parallel ranks) cannot be trusted, only what it said is taken back,
 * key by key: an epoch is the replica's, and a new one would void what the others said, which not
 * all of them could say again. Used by one thread.
 */
final class CacheFeeder {
  private static final Logger log = LoggerFactory.getLogger(CacheFeeder.class);

  private static final long LOG_PAUSE_NANOS = 1_000_000_000;

  private final Map<Problem.Reason, Long> logged = new EnumMap<>(Problem.Reason.class);
  private final AgentMetrics metrics;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private @Nullable CacheShape given;
  private @Nullable EngineCache cache;
  private @Nullable LogPublisher target;
  private boolean applied;

  CacheFeeder(AgentMetrics metrics, InstantSource clock, LongSupplier nanos) {
    this.metrics = metrics;
    this.clock = clock;
    this.nanos = nanos;
  }

  void publishTo(LogPublisher publisher) {
    target = publisher;
  }

  /**
   * Takes over what is known of the engine.
   *
   * @return false if nothing that was stored before means the same: the cache is empty now
   */
  boolean reshape(CacheShape shape) {
    given = shape;
    if (cache != null && cache.adopt(shape)) {
      return true;
    }
    cache = new EngineCache(shape);
    return false;
  }

  /** What was last known of the engine; null for nothing. */
  @Nullable CacheShape given() {
    return given;
  }

  /** Tokens per block; 0 as long as it is not known. */
  int blockSize() {
    return cache == null ? 0 : cache.blockSize();
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

  /** Where the messages of one publisher go. */
  EventFeed.Sink sink(int publisher) {
    return new EventFeed.Sink() {
      @Override
      public void apply(EventMessage message) {
        CacheFeeder.this.apply(publisher, message);
      }

      @Override
      public void newEpoch(Follower.Cause cause) {
        forget(publisher, cause);
      }

      @Override
      public void replay(long from) {
        log.info("publisher {}: replay from {}", publisher, from);
        metrics.replay(from > 0);
      }
    };
  }

  private void apply(int publisher, EventMessage message) {
    Optional<EventBatch> decoded = EventDecoder.decode(message.payload(), this::report);
    if (decoded.isEmpty()) {
      forget(publisher, Follower.Cause.UNREADABLE);
      return;
    }
    EventBatch batch = decoded.get();
    batch.events().forEach(metrics::event);
    metrics.lag(clock.millis() / 1e3 - batch.ts());
    applied |= !batch.events().isEmpty();
    if (cache == null) {
      return;
    }
    int blockSize = cache.blockSize();
    CacheUpdate update = cache.apply(publisher, batch);
    update.problems().forEach(this::report);
    Follower.Cause cause = Follower.Cause.OVERFLOW;
    if (cache.blockSize() != blockSize) {
      log.info("blocks of {} tokens, learned from the engine's events", cache.blockSize());
      cause = Follower.Cause.RESHAPED;
    } else if (batch.events().contains(new KvEvent.AllBlocksCleared())) {
      cause = Follower.Cause.CLEARED;
    }
    publish(update, cause);
    if (batch.problems().stream().anyMatch(p -> p.reason() == Problem.Reason.LOST_REMOVAL)) {
      forget(publisher, Follower.Cause.UNREADABLE);
    }
  }

  private void forget(int publisher, Follower.Cause cause) {
    if (cache == null) {
      announce(cause);
      return;
    }
    CacheUpdate update = cache.forget(publisher);
    if (!update.newEpoch()) {
      log.info("publisher {} forgotten: {}", publisher, cause.label());
      metrics.epoch(cause);
    }
    publish(update, cause);
  }

  private void publish(CacheUpdate update, Follower.Cause cause) {
    if (update.newEpoch()) {
      announce(cause);
    }
    if (target != null) {
      target.publish(update.changes(), nanos.getAsLong());
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

  /** Makes all void that any publisher said. */
  void newEpoch(Follower.Cause cause) {
    if (cache != null) {
      cache.clear();
    }
    announce(cause);
  }

  private void announce(Follower.Cause cause) {
    log.info("new epoch: {}", cause.label());
    metrics.epoch(cause);
    if (target != null) {
      target.newEpoch();
    }
  }
}
