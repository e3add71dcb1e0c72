package io.kvlane.router.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.config.RouterConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TelemetryBatchTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Runnable> work = new ArrayList<>();
  private final TelemetryBatch batch =
      new TelemetryBatch(
          new RequestMetrics(
              registry,
              true,
              model -> true,
              new Prices(List.of()),
              Insight.alone(RouterConfig.DEFAULTS).caches()),
          work::add);

  private void attempts(int count) {
    for (int i = 0; i < count; i++) {
      batch.attempt("answered");
    }
  }

  private double counted() {
    return registry.find("kvlane.attempts").counters().stream().mapToDouble(Counter::count).sum();
  }

  @Test
  void attempt_many_areCountedByWorkersSomeAtATime() {
    attempts(TelemetryBatch.MOST - 1);
    assertThat(work).isEmpty();

    attempts(1);

    assertThat(work).hasSize(1);
    assertThat(counted()).isZero();
    work.forEach(Runnable::run);
    assertThat(counted()).isEqualTo(TelemetryBatch.MOST);
  }

  @Test
  void flush_handsOverWhatIsThere_once() {
    attempts(3);
    batch.flush();
    batch.flush();

    assertThat(work).hasSize(1);
    work.forEach(Runnable::run);
    assertThat(counted()).isEqualTo(3);
  }

  @Test
  void attempt_workersDoNotKeepUp_areCountedAtOnce() {
    attempts(TelemetryBatch.MOST * TelemetryBatch.MOST_WAITING);
    assertThat(counted()).isZero();

    attempts(TelemetryBatch.MOST);

    assertThat(counted()).isEqualTo(TelemetryBatch.MOST);
    assertThat(work).hasSize(TelemetryBatch.MOST_WAITING);
    work.forEach(Runnable::run);
    attempts(TelemetryBatch.MOST);
    assertThat(work).as("they have caught up").hasSize(TelemetryBatch.MOST_WAITING + 1);
  }
}
