package io.kvlane.simulator.fleet;

import static io.kvlane.simulator.fleet.Request.NOTHING;
import static io.kvlane.simulator.fleet.Worked.EXACT;
import static io.kvlane.simulator.fleet.Worked.FIRST;
import static io.kvlane.simulator.fleet.Worked.first;
import static io.kvlane.simulator.fleet.Worked.fleet;
import static io.kvlane.simulator.fleet.Worked.one;
import static io.kvlane.simulator.fleet.Worked.run;
import static io.kvlane.simulator.fleet.Worked.toRegion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.fleet.Worked.Work;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way of a request, worked by hand: see {@link Worked}. */
class SimulationTest {
  private final List<String> seen = new ArrayList<>();

  private RoutingPolicy watch(RoutingPolicy policy) {
    return Worked.watch(policy, seen);
  }

  @Test
  void run_ownRegion_ttftIsLocalRoundTripAndPrefill() {
    Results results = run(fleet(1, 1), one(0), watch(FIRST));

    assertThat(results.ttftMs()[0]).isCloseTo(2 + 30, EXACT);
    assertThat(results.endToEndMs()[0]).isCloseTo(2 + 30 + 2 * 10, EXACT);
    assertThat(results.arrivalMs()[0]).isEqualTo(50);
    assertThat(results.endMs()).isCloseTo(102, EXACT);
    assertThat(results.busyMs()).containsExactly(50);
    assertThat(results.crossRegionBytes()).isZero();
    assertThat(seen)
        .containsExactly("50: route 0 in 0", "82: first 0 from 0 after 32", "102: ended 0");
  }

  @Test
  void run_forwarded_ttftHasTheRoundTripBetweenTheRegions() {
    Results results = run(fleet(2, 1), one(0), watch(toRegion(1)));

    assertThat(results.ttftMs()[0]).isCloseTo(100 + 2 + 30, EXACT);
    assertThat(results.replica()[0]).isEqualTo(1);
    assertThat(results.crossRegionBytes()).isEqualTo(30 * 4 + 3 * 200);
    // The clock of the router that chose the replica starts when the request has come over.
    assertThat(seen)
        .containsExactly(
            "50: route 0 in 0",
            "100: route 0 in 1, forwarded",
            "132: first 0 from 1 after 32",
            "152: ended 0");
  }

  @Test
  void run_replicaOfAnotherRegion_ttftHasTheRoundTripBetweenTheRegions() {
    Results results =
        run(fleet(2, 1), one(0), (request, forwarded, view) -> new Choice.Replica(1, 0));

    assertThat(results.ttftMs()[0]).isCloseTo(100 + 30, EXACT);
  }

  @Test
  void run_ownRegionDown_entersTheNearestOnceTheLossIsNoticed() {
    FleetSpec fleet = fleet(3, 1, new Fault.RegionDown(0, 20, 5000));

    Results results = run(fleet, one(0), watch(FIRST));

    assertThat(seen.getFirst()).isEqualTo("1070: route 0 in 1");
    assertThat(results.ttftMs()[0]).isCloseTo((1020 - 50) + 100 + 2 + 30, EXACT);
  }

  @Test
  void run_ownRegionLongDown_costsTheRoundTripOnly() {
    FleetSpec fleet = fleet(3, 1, new Fault.RegionDown(0, 20, 5000));

    Results results = run(fleet, new Work().add(2000, 0, 30, 1), FIRST);

    assertThat(results.ttftMs()[0]).isCloseTo(100 + 2 + 30, EXACT);
  }

  @Test
  void run_allRegionsDown_fails() {
    Results results = run(fleet(1, 1, new Fault.RegionDown(0, 20, 5000)), one(0), FIRST);

    assertThat(results.failed()).containsExactly(true);
    assertThat(results.ttftMs()[0]).isNaN();
  }

  @Test
  void run_neverFits_failsAtOnce() {
    Results results = run(fleet(1, 1), new Work().add(0, 0, 10_000, 1), FIRST);

    assertThat(results.failed()).containsExactly(true);
  }

  @Test
  void run_following_startsAfterTheEndAndThePause() {
    Work work = one(0).add(500, 0, 0, 30, 1, 7);

    Results results = run(fleet(1, 1), work, FIRST);

    assertThat(results.arrivalMs()[1]).isCloseTo(50 + results.endToEndMs()[0] + 500, EXACT);
  }

  @Test
  void run_followingAFailed_startsAfterTheFailureAndThePause() {
    Work work = new Work().add(70, 0, 10_000, 1).add(500, 0, 0, 30, 1, 7);

    Results results = run(fleet(1, 1), work, FIRST);

    assertThat(results.arrivalMs()[1]).isCloseTo(570, EXACT);
    assertThat(results.failed()).containsExactly(true, false);
  }

  @Test
  void run_twoFollowOne_isRefused() {
    Work work = one(0).add(1, 0, 0, 30, 1, 7).add(1, 0, 0, 30, 1, 8);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(fleet(1, 1), work, FIRST))
        .withMessage("requests 1 and 2 both follow 0");
  }

  @Test
  void run_followsItself_isRefused() {
    Work work = new Work().add(1, 0, 0, 30, 1, 7);

    assertThatIllegalStateException().isThrownBy(() -> run(fleet(1, 1), work, FIRST));
  }

  @Test
  void run_cachedPrompt_reportsHitAndPrediction() {
    Work work = one(0).add(200, NOTHING, 0, 35, 1, 0);

    Results results =
        run(
            fleet(1, 1),
            work,
            (request, forwarded, view) ->
                new Choice.Replica(0, Math.min(34, 10 * view.runs(request)[0])));

    assertThat(results.cachedTokens()).containsExactly(0, 30);
    assertThat(results.predictedTokens()).containsExactly(0, 30);
    assertThat(results.ttftMs()[1]).isCloseTo(2 + 5, EXACT);
  }

  @Test
  void wait_askedAgainInOrderOfArrival() {
    Work work = new Work().add(10, 0, 30, 1).add(11, 0, 30, 1).add(12, 0, 30, 1);
    RoutingPolicy oneAtATime =
        (request, forwarded, view) -> view.requests(0) > 0 ? new Choice.Wait() : first(view);

    Results results = run(fleet(1, 1), work, watch(oneAtATime));

    assertThat(seen)
        .filteredOn(line -> line.contains("first"))
        .containsExactly(
            "42: first 0 from 0 after 32",
            "74: first 1 from 0 after 32",
            "106: first 2 from 0 after 32");
    assertThat(results.ttftMs()).containsExactly(new double[] {32, 63, 94}, EXACT);
    assertThat(seen).doesNotContain("12: route 2 in 0");
  }

  @Test
  void wait_forwarded_keepsItsWayBack() {
    RoutingPolicy until300 =
        (request, forwarded, view) ->
            !forwarded
                ? new Choice.Region(1)
                : view.nowMs() < 300 ? new Choice.Wait() : first(view);

    Results results = run(fleet(2, 1), one(0), until300);

    // Asked at each reading of the gauges, at 300 ms for the last time.
    assertThat(results.ttftMs()[0]).isCloseTo((300 - 50) + 2 + 30 + 50, EXACT);
  }

  @Test
  void wait_forEver_failsWhenNothingHappensForAMinute() {
    Work work = new Work().add(50, 0, 30, 1).add(70, 0, 30, 1).add(500, 1, 0, 30, 1, 7);

    Results results = run(fleet(1, 1), work, (request, forwarded, view) -> new Choice.Wait());

    assertThat(results.failed()).containsExactly(true, true, true);
    assertThat(results.arrivalMs()[2]).isCloseTo(70 + 60_000 + 500, within(200.0));
    assertThat(results.endMs()).isCloseTo(results.arrivalMs()[2] + 60_000, within(200.0));
  }
}
