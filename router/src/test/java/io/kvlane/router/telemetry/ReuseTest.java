package io.kvlane.router.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.decision.RegionView;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Reasons.Ground;
import io.kvlane.router.routing.Reasons.Why;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReuseTest {
  private static Reasons reasons(List<Reasons.Region> regions, Reasons.Refused... refused) {
    var features = new Reasons.Features(2_000, 16, new long[0]);
    return new Reasons(Ground.REPLICAS, null, regions, List.of(refused), features);
  }

  private static Reasons.Region region(
      String name, int cached, boolean chosen, @Nullable Why refused) {
    return new Reasons.Region(new RegionView(name, 90, cached, 0, 0, 0.1), chosen, refused);
  }

  @Test
  void of_servedWhereMostWasCached_losesNothing() {
    var reasons = reasons(List.of(region("us", 800, true, null)));

    assertThat(Reuse.of(reasons, "us", 800, false)).isEqualTo(new Reuse(800, 800, Reuse.Loss.LOAD));
  }

  @Test
  void of_moreWasCachedFarAway_losesByDistance() {
    var reasons = reasons(List.of(region("us", 800, false, null)));

    assertThat(Reuse.of(reasons, "eu", 500, false))
        .isEqualTo(new Reuse(800, 500, Reuse.Loss.DISTANCE));
  }

  @Test
  void of_moreWasCachedWhereItMayNotGo_losesByResidency() {
    var reasons =
        reasons(
            List.of(region("us", 800, false, null)),
            new Reasons.Refused("ap", null, 1_200, Why.RESIDENCY));

    assertThat(Reuse.of(reasons, "eu", 500, false))
        .isEqualTo(new Reuse(1_200, 500, Reuse.Loss.RESIDENCY));
  }

  @Test
  void of_moreWasCachedWhereThePolicyKeepsItFrom_losesByPolicy() {
    var reasons = reasons(List.of(region("us", 800, false, Why.POLICY)));

    assertThat(Reuse.of(reasons, "eu", 500, false).loss()).isEqualTo(Reuse.Loss.POLICY);
  }

  @Test
  void of_moreWasCachedInASilentRegion_losesByHealth() {
    var reasons = reasons(List.of(), new Reasons.Refused("ap", null, 1_200, Why.SILENT));

    assertThat(Reuse.of(reasons, "eu", 0, false)).isEqualTo(new Reuse(1_200, 0, Reuse.Loss.HEALTH));
  }
}
