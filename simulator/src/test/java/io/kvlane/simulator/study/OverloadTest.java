package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.policy.KvLane;
import io.kvlane.simulator.policy.Parts;
import io.kvlane.simulator.workload.Traffic;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two of three regions are asked for more than they can do, until the third is back. */
class OverloadTest {
  private static final int REQUESTS = 20_000;
  private static final double SPEED = 11;
  private static final double LOST_MS = 142_000;
  private static final double BACK_MS = 213_000;

  private static FleetSpec fleet;
  private static List<Request> chat;

  @BeforeAll
  static void workload() throws IOException, ScenarioException {
    fleet =
        Fleets.withFaults(
            Fleets.of(3, 4, 400_000), List.of(new Fault.RegionDown(0, LOST_MS, BACK_MS)));
    var shape = BarWorkloads.named("chat", 3, REQUESTS, null);
    chat = Traffic.faster(Source.open(shape, BarWorkloads.blockTokens()).requests(1), SPEED);
  }

  private static Results run(Parts parts) {
    return Simulation.run(fleet, chat, KvLane.factory(parts), 1);
  }

  /** Hit ratio of the answered requests that came in half a minute. */
  private static double hits(Results results, double fromMs) {
    double cached = 0;
    double all = 0;
    for (int i = 0; i < results.arrivalMs().length; i++) {
      double at = results.arrivalMs()[i] - fromMs;
      if (at >= 0 && at < 30_000 && results.replica()[i] >= 0) {
        cached += results.cachedTokens()[i];
        all += results.promptTokens()[i];
      }
    }
    return cached / all;
  }

  @Test
  void asTheRouterIs_hitsOutlastTheOverload() {
    Results results = run(Parts.REAL);
    double steady = hits(results, LOST_MS - 30_000);

    assertThat(hits(results, LOST_MS + 20_000)).isGreaterThan(0.9 * steady);
    assertThat(hits(results, BACK_MS + 60_000)).isGreaterThan(0.9 * steady);
  }

  @Test
  void unguarded_hitsAreLostForGood() {
    Results results = run(Parts.UNGUARDED);
    double steady = hits(results, LOST_MS - 30_000);

    assertThat(hits(results, LOST_MS + 20_000)).isLessThan(0.9 * steady);
    assertThat(hits(results, BACK_MS + 60_000)).isLessThan(0.9 * steady);
    assertThat(Summary.of(results, Bars.SLO_MS, 0).refused()).isZero();
  }
}
