package io.kvlane.agent;

import io.kvlane.agent.event.KvEvent;
import io.kvlane.agent.event.Problem;
import io.kvlane.agent.publish.LogPublisher;
import io.kvlane.agent.source.Follower;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** What the agent counts. Labels come from enums and records: their number is bounded. */
final class AgentMetrics implements LogPublisher.Observer {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicLong keys = registry.gauge("kvlane.agent.keys", new AtomicLong());
  private final AtomicLong pages = registry.gauge("kvlane.agent.blocks.tracked", new AtomicLong());
  private final AtomicLong waiting =
      registry.gauge("kvlane.agent.frames.waiting", new AtomicLong());
  private final AtomicLong healthy =
      registry.gauge("kvlane.agent.engine.healthy", new AtomicLong());
  private final DistributionSummary lag =
      DistributionSummary.builder("kvlane.agent.event.lag")
          .description("from the engine's clock to being applied here")
          .baseUnit("seconds")
          .register(registry);

  void event(KvEvent event) {
    String kind =
        switch (event) {
          case KvEvent.BlockStored _ -> "stored";
          case KvEvent.BlockRemoved _ -> "removed";
          case KvEvent.AllBlocksCleared _ -> "cleared";
        };
    registry.counter("kvlane.agent.events", "kind", kind).increment();
  }

  void problem(Problem problem) {
    registry.counter("kvlane.agent.problems", "reason", problem.reason().label()).increment();
  }

  void epoch(Follower.Cause cause) {
    registry.counter("kvlane.agent.epochs", "cause", cause.label()).increment();
  }

  void replay(boolean gap) {
    registry.counter("kvlane.agent.replays", "after", gap ? "gap" : "start").increment();
  }

  void lag(double seconds) {
    if (seconds >= 0) {
      lag.record(seconds);
    }
  }

  void sizes(int keyCount, int pageCount, int waitingFrames, boolean engineHealthy) {
    keys.set(keyCount);
    pages.set(pageCount);
    waiting.set(waitingFrames);
    healthy.set(engineHealthy ? 1 : 0);
  }

  @Override
  public void frame(int keyCount) {
    registry.counter("kvlane.agent.frames").increment();
    registry.counter("kvlane.agent.keys.published").increment(keyCount);
  }

  @Override
  public void epoch() {
    registry.counter("kvlane.agent.epochs.published").increment();
  }

  @Override
  public void snapshot(int keyCount) {
    registry.counter("kvlane.agent.snapshots").increment();
  }

  double count(String name, String label, String value) {
    var counter = registry.find(name).tag(label, value).counter();
    return counter == null ? 0 : counter.count();
  }

  String scrape() {
    return registry.scrape();
  }
}
