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
import org.junit.jupiter.api.Test;

/**
 * Two of three regions are asked for more than they can do, until the third is back. Means over
 * eight seeds: beyond saturation a few say little.
 */
class OverloadTest {
  private static final int REQUESTS = 20_000;
  private static final int SEEDS = 8;
  private static final double SPEED = 11;
  private static final double LOST_MS = 142_000;
  private static final double BACK_MS = 213_000;

  /** Hit ratios as shares of the steady one. */
  private record Outcome(double during, double after, int refused) {}

  private static Outcome run(Parts parts) throws IOException, ScenarioException {
    FleetSpec fleet =
        Fleets.withFaults(
            Fleets.of(3, 4, 400_000), List.of(new Fault.RegionDown(0, LOST_MS, BACK_MS)));
    Source source =
        Source.open(BarWorkloads.named("chat", 3, REQUESTS, null), BarWorkloads.blockTokens());
    double during = 0;
    double after = 0;
    int refused = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
      List<Request> chat = Traffic.faster(source.requests(seed), SPEED);
      Results results = Simulation.run(fleet, chat, KvLane.factory(parts), seed);
      double steady = hits(results, LOST_MS - 30_000);
      during += hits(results, LOST_MS + 20_000) / steady / SEEDS;
      after += hits(results, BACK_MS + 60_000) / steady / SEEDS;
      refused += Summary.of(results, Bars.SLO_MS, 0).refused();
    }
    return new Outcome(during, after, refused);
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
  void asTheRouterIs_hitsOutlastTheOverload() throws Exception {
    Outcome outcome = run(Parts.REAL);

    assertThat(outcome.during()).isGreaterThan(0.85);
    assertThat(outcome.after()).isGreaterThan(0.9);
  }

  @Test
  void unguarded_hitsAreLostForGood() throws Exception {
    Outcome outcome = run(Parts.UNGUARDED);

    assertThat(outcome.during()).isLessThan(0.85);
    assertThat(outcome.after()).isLessThan(0.75);
    assertThat(outcome.refused()).isZero();
  }
}
