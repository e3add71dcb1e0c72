package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Recorded;
import io.kvlane.simulator.whatif.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Requests replayed under two policies. */
class ReplayTest {
  private static final long SEED = 7;
  private static final List<RegionFleet> TWO =
      List.of(
          new RegionFleet("eu", 0, "demo", 4, 0.1, 1_000_000),
          new RegionFleet("us", 90, "demo", 4, 0.1, 0));

  /** Bursts of prompts of 4,000 tokens that share their first 3,200 with others of their group. */
  private static List<Recorded> recorded(int requests, int groups) {
    Random random = new Random(SEED);
    List<Recorded> recorded = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      long group = random.nextInt(groups);
      long own = i;
      long[] chain = new long[250];
      Arrays.setAll(
          chain,
          b ->
              (b < 200 ? group * 1_000_003 + b : (own + 99) * 7_919_777 + b) * 0x9E3779B97F4A7C15L
                  | 1);
      recorded.add(
          new Recorded(
              "req-" + i,
              "r1",
              1_000_000 + i * 25L,
              "",
              "demo",
              "/v1/chat/completions",
              KnownHeaders.NONE,
              null,
              4_000,
              20,
              16,
              chain));
    }
    return recorded;
  }

  private static Policy with(Policy.Spill spill, Policy.CrossRegion crossing) {
    Policy d = Policy.DEFAULTS;
    return new Policy(
        d.id(),
        "",
        d.priority(),
        d.match(),
        d.affinity(),
        spill,
        d.regionOrder(),
        d.residency(),
        crossing,
        d.failover(),
        d.timeLimits(),
        d.retry(),
        d.hedge(),
        d.quota(),
        d.consistency(),
        d.partition());
  }

  private static Report compare(Policy before, Policy after, Set<String> regionsAfter) {
    List<Replay.Case> cases =
        recorded(400, 3).stream()
            .map(request -> new Replay.Case(request, before, null, after, regionsAfter))
            .toList();
    return Replay.compare(cases, TWO, 2);
  }

  @Test
  void samePolicy_changesNothing() {
    Report report = compare(Policy.DEFAULTS, Policy.DEFAULTS, null);

    assertThat(report.requests()).isEqualTo(400);
    assertThat(report.changed()).isZero();
    assertThat(report.after()).isEqualTo(report.before());
    assertThat(report.before().hitRatio()).isBetween(0.5, 0.8);
  }

  @Test
  void spillOff_changesRoutingAndHitRatio() {
    Policy spills = with(Policy.DEFAULTS.spill(), Policy.CrossRegion.NEVER);
    Policy waits = with(new Policy.Spill(false, 600_000, 4), Policy.CrossRegion.NEVER);

    Report report = compare(spills, waits, null);

    assertThat(report.changed()).isPositive();
    assertThat(report.after().hitRatio()).isNotEqualTo(report.before().hitRatio());
    assertThat(report.after().ttftP95Ms()).isGreaterThan(report.before().ttftP95Ms());
    assertThat(report.after().crossRegionShare()).isZero();
  }

  @Test
  void residencyElsewhere_sendsAllThere() {
    Report report = compare(Policy.DEFAULTS, Policy.DEFAULTS, Set.of("us"));

    assertThat(report.changed()).isPositive();
    assertThat(report.after().crossRegionShare()).isEqualTo(1);
    assertThat(report.after().ttftP50Ms()).isGreaterThan(90);
    assertThat(report.after().failed()).isZero();
  }
}
