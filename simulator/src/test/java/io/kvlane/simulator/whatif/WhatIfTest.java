package io.kvlane.simulator.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.whatif.Report.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Two regions of two replicas; blocks of 10 tokens, 1 ms a prefilled token. */
class WhatIfTest {
  private static final Offset<Double> EXACT = within(1e-6);
  private static final FleetSpec FLEET =
      new FleetSpec(
          List.of("us", "eu"),
          new double[][] {{0, 100}, {100, 0}},
          2,
          1,
          new int[] {2, 2},
          new FleetSpec.Engine(10, 10_000, 8, 1000, new StepCost(1000, 10, 0, 1)),
          new FleetSpec.Lag(5, 100, 50, 500, 1000),
          List.of());

  private static RoutingPolicy.Factory always(int replica) {
    return (spec, region, router, seed) ->
        (request, forwarded, view) -> new Choice.Replica(replica, 0);
  }

  /** By session, over the two replicas of the first region. */
  private static final RoutingPolicy.Factory BY_SESSION =
      (spec, region, router, seed) ->
          (request, forwarded, view) -> new Choice.Replica(request.session() % 2, 0);

  /** Requests of one text of 100 tokens, a second apart, of two sessions in turn. */
  private static List<RecordedRequest> recorded(int requests) {
    List<RecordedRequest> recorded = new ArrayList<>();
    long[] chain = new long[10];
    Arrays.setAll(chain, i -> 7 + i);
    for (int i = 0; i < requests; i++) {
      recorded.add(new RecordedRequest(i * 1000, chain, 105, 2, 0, 0, i));
    }
    return recorded;
  }

  @Test
  void compare_samePolicy_changesNothing() {
    Report report = WhatIf.compare(recorded(10), FLEET, BY_SESSION, BY_SESSION);

    assertThat(report.requests()).isEqualTo(10);
    assertThat(report.changed()).isZero();
    assertThat(report.examples()).isEmpty();
    assertThat(report.after()).isEqualTo(report.before());
  }

  @Test
  void compare_otherReplica_namesTheChangedRequestsAndWhatTheyGain() {
    Report report = WhatIf.compare(recorded(4), FLEET, BY_SESSION, always(0));

    assertThat(report.changed()).isEqualTo(2);
    assertThat(report.examples()).containsExactly(new Example(1, 1, 0), new Example(3, 1, 0));
    // Two, and then three, of four requests find 100 of their 105 tokens.
    assertThat(report.before().hitRatio()).isCloseTo(200 / 420.0, EXACT);
    assertThat(report.after().hitRatio()).isCloseTo(300 / 420.0, EXACT);
    assertThat(report.before().ttftP50Ms()).isCloseTo(2 + 5, EXACT);
    assertThat(report.before().ttftP95Ms()).isCloseTo(2 + 105, EXACT);
    assertThat(report.after().ttftP50Ms()).isCloseTo(2 + 5, EXACT);
  }

  @Test
  void compare_otherRegion_countsAsCrossing() {
    Report report = WhatIf.compare(recorded(4), FLEET, always(0), always(2));

    assertThat(report.before().crossRegionShare()).isZero();
    assertThat(report.after().crossRegionShare()).isEqualTo(1);
    assertThat(report.after().ttftP50Ms()).isCloseTo(100 + 5, EXACT);
  }

  @Test
  void compare_neverServed_isCountedAsFailed() {
    RoutingPolicy.Factory never =
        (spec, region, router, seed) -> (request, forwarded, view) -> new Choice.Wait();

    Report report = WhatIf.compare(recorded(3), FLEET, always(0), never);

    assertThat(report.before().failed()).isZero();
    assertThat(report.after().failed()).isEqualTo(3);
    assertThat(report.after().ttftP50Ms()).isNaN();
    assertThat(report.examples()).first().isEqualTo(new Example(0, 0, -1));
  }

  @Test
  void compare_manyChanges_namesTheFirst() {
    Report report = WhatIf.compare(recorded(50), FLEET, always(0), always(1));

    assertThat(report.changed()).isEqualTo(50);
    assertThat(report.examples()).hasSize(WhatIf.MOST_EXAMPLES);
  }

  @Test
  void compare_chainOfOtherBlocks_isRefused() {
    RecordedRequest tooMany = new RecordedRequest(0, new long[3], 29, 1, 0, 0, 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WhatIf.compare(List.of(tooMany), FLEET, always(0), always(0)))
        .withMessage("request 0: 3 blocks of 10 tokens (its prompt has 29 tokens)");
  }

  @Test
  void compare_unknownRegion_isRefused() {
    RecordedRequest elsewhere = new RecordedRequest(0, new long[0], 5, 1, 2, 0, 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WhatIf.compare(List.of(elsewhere), FLEET, always(0), always(0)))
        .withMessage("request 0: region 2 (the fleet has 2)");
  }
}
