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

import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.fleet.Worked.Work;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of requests when something goes wrong, worked by hand: see {@link Worked}. */
class FaultsTest {
  private final List<String> seen = new ArrayList<>();

  private RoutingPolicy watch(RoutingPolicy policy) {
    return Worked.watch(policy, seen);
  }

  @Test
  void replicaDown_noFirstToken_isServedElsewhere() {
    FleetSpec fleet = fleet(1, 2, new Fault.ReplicaDown(0, 60, 5000));

    Results results = run(fleet, one(0), watch(FIRST));

    assertThat(results.failed()).containsExactly(false);
    assertThat(results.replica()).containsExactly(1);
    assertThat(results.ttftMs()[0]).isCloseTo(10 + 2 + 30, EXACT);
    assertThat(seen)
        .startsWith(
            "50: route 0 in 0", "60: ended 0", "60: route 0 in 0", "92: first 0 from 1 after 32");
  }

  @Test
  void replicaDown_streaming_fails() {
    FleetSpec fleet = fleet(1, 2, new Fault.ReplicaDown(0, 90, 5000));

    Results results = run(fleet, one(0), watch(FIRST));

    assertThat(results.failed()).containsExactly(true);
    assertThat(results.ttftMs()[0]).isCloseTo(32, EXACT);
    assertThat(results.endToEndMs()[0]).isNaN();
    assertThat(seen).endsWith("90: ended 0");
  }

  @Test
  void replicaDown_back_isCold() {
    FleetSpec fleet = fleet(1, 1, new Fault.ReplicaDown(0, 200, 300));
    Work work = one(0).add(150, NOTHING, 0, 35, 1, 0).add(400, NOTHING, 0, 35, 1, 0);

    Results results = run(fleet, work, FIRST);

    assertThat(results.cachedTokens()).containsExactly(0, 30, 0);
  }

  @Test
  void replicaDown_alwaysChosen_failsInTheEnd() {
    FleetSpec fleet = fleet(1, 1, new Fault.ReplicaDown(0, 20, 5000));

    Results results =
        run(fleet, one(0), watch((request, forwarded, view) -> new Choice.Replica(0, 0)));

    assertThat(results.failed()).containsExactly(true);
    assertThat(seen).filteredOn(line -> line.contains("route")).hasSize(4);
  }

  @Test
  void regionDown_requestInFlight_movesOnceTheLossIsNoticed() {
    FleetSpec fleet = fleet(2, 1, new Fault.RegionDown(0, 60, 5000));

    Results results = run(fleet, one(0), FIRST);

    assertThat(results.failed()).containsExactly(false);
    assertThat(results.ttftMs()[0]).isCloseTo(10 + 1000 + 100 + 2 + 30, EXACT);
    assertThat(results.replica()).containsExactly(1);
  }

  @Test
  void regionDown_heldRequest_moves() {
    FleetSpec fleet = fleet(2, 1, new Fault.RegionDown(0, 60, 5000));
    RoutingPolicy patient =
        (request, forwarded, view) -> view.region() == 0 ? new Choice.Wait() : first(view);

    Results results = run(fleet, one(0), patient);

    assertThat(results.replica()).containsExactly(1);
  }

  @Test
  void regionDown_back_servesItsClientsAgainCold() {
    FleetSpec fleet = fleet(2, 1, new Fault.RegionDown(0, 200, 2000));
    Work work = one(0).add(1500, NOTHING, 0, 35, 1, 0).add(2500, NOTHING, 0, 35, 1, 0);

    Results results = run(fleet, work, FIRST);

    assertThat(results.replica()).containsExactly(0, 1, 0);
    assertThat(results.cachedTokens()).containsExactly(0, 0, 0);
    assertThat(results.ttftMs()[2]).isCloseTo(2 + 35, EXACT);
  }

  @Test
  void regionDown_otherRegionsRouters_noticeAfterDetection() {
    FleetSpec fleet = fleet(2, 1, new Fault.RegionDown(1, 20, 5000));
    RoutingPolicy spy =
        (request, forwarded, view) -> {
          seen.add(view.nowMs() + " " + view.reachable(1) + " " + view.healthy(1));
          return first(view);
        };

    run(fleet, one(0).add(1019, 0, 30, 1).add(1021, 0, 30, 1), spy);

    assertThat(seen).containsExactly("50.0 true true", "1019.0 true true", "1021.0 false false");
  }

  @Test
  void regionDown_sentInto_comesBackOnceTheLossIsNoticed() {
    FleetSpec fleet = fleet(2, 1, new Fault.RegionDown(1, 20, 5000));

    Results results = run(fleet, one(0), toRegion(1));

    assertThat(results.ttftMs()[0]).isCloseTo((1020 - 50) + 2 + 30, EXACT);
    assertThat(results.replica()).containsExactly(0);
  }

  @Test
  void cut_forwardedInto_comesBackOnceTheCutIsNoticed() {
    FleetSpec fleet = fleet(2, 1, new Fault.Cut(0, 1, 20, 5000));

    Results results = run(fleet, one(0), watch(toRegion(1)));

    assertThat(results.ttftMs()[0]).isCloseTo((1020 - 50) + 2 + 30, EXACT);
    assertThat(seen).startsWith("50: route 0 in 0", "1020: route 0 in 0");
  }

  @Test
  void cut_replicaBehindIt_isLostOnceTheCutIsNoticed() {
    FleetSpec fleet = fleet(2, 1, new Fault.Cut(0, 1, 20, 5000));

    Results results =
        run(
            fleet,
            one(0),
            watch(
                (request, forwarded, view) ->
                    view.healthy(1) ? new Choice.Replica(1, 0) : first(view)));

    assertThat(results.replica()).containsExactly(0);
    assertThat(seen).startsWith("50: route 0 in 0", "1020: ended 0", "1020: route 0 in 0");
  }

  @Test
  void cut_forwardedIntoForEver_fails() {
    FleetSpec fleet = fleet(2, 1, new Fault.Cut(0, 1, 20, 50_000));

    Results results = run(fleet, one(0), (request, forwarded, view) -> new Choice.Region(1));

    assertThat(results.failed()).containsExactly(true);
  }

  @Test
  void cut_over_crossesAgain() {
    FleetSpec fleet = fleet(2, 1, new Fault.Cut(0, 1, 20, 1500));

    Results results = run(fleet, new Work().add(1600, 0, 30, 1), toRegion(1));

    assertThat(results.ttftMs()[0]).isCloseTo(100 + 2 + 30, EXACT);
  }
}
