package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.log.ReplicaState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Fleet fleet = new Fleet(4, System::nanoTime);
  private final FleetMetrics metrics =
      new FleetMetrics(fleet, new LocalityMap(4, 1 << 20, new MapMetrics(registry)), registry);

  private void joins(String replica) {
    fleet.update(
        new ReplicaState(
            replica,
            "http://127.0.0.1:1",
            List.of("m"),
            true,
            1,
            -1,
            false,
            16,
            1_000_000,
            0,
            0,
            0));
  }

  private List<Gauge> gauges() {
    return List.copyOf(registry.find("kvlane.replica.epoch").gauges());
  }

  /** A scrape meanwhile would see them twice, and fail. */
  @Test
  void refresh_sameReplicas_keepsTheirGauges() {
    joins("engine-1");
    metrics.refresh();
    Gauge first = gauges().getFirst();

    metrics.refresh();
    assertThat(gauges()).hasSize(1);
    assertThat(gauges().getFirst()).isSameAs(first);
  }

  @Test
  void refresh_replicasJoinAndLeave_areShown() {
    joins("engine-1");
    metrics.refresh();
    joins("engine-2");
    metrics.refresh();
    assertThat(gauges()).hasSize(2);

    fleet.remove(fleet.get("engine-1"));
    metrics.refresh();
    assertThat(gauges())
        .singleElement()
        .extracting(g -> g.getId().getTag("replica"))
        .isEqualTo("engine-2");
  }
}
