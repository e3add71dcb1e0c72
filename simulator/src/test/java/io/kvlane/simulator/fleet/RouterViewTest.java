package io.kvlane.simulator.fleet;

import static io.kvlane.simulator.fleet.Request.NOTHING;
import static io.kvlane.simulator.fleet.Worked.LAG;
import static io.kvlane.simulator.fleet.Worked.first;
import static io.kvlane.simulator.fleet.Worked.fleet;
import static io.kvlane.simulator.fleet.Worked.one;
import static io.kvlane.simulator.fleet.Worked.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.fleet.Worked.Work;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What routers know, and when, worked by hand: see {@link Worked}. */
class RouterViewTest {
  private final List<String> seen = new ArrayList<>();

  @Test
  void runs_blockStored_isSeenAfterTheEventsLag() {
    // Stored at 51 + 30 ms, so visible from 86 on.
    Work work = one(0);
    for (double at : new double[] {85.9, 86.1}) {
      work.add(at, NOTHING, 0, 30, 1, 0);
    }

    run(
        fleet(1, 1),
        work,
        (request, forwarded, view) -> {
          seen.add(view.nowMs() + ": " + view.runs(request)[0]);
          return first(view);
        });

    assertThat(seen).containsExactly("50.0: 0", "85.9: 0", "86.1: 3");
  }

  /** 600 blocks are cached; 601 more leave room for 399 of them. The engine dies at 15 s. */
  @Test
  void evictedAndCleared_areToldAtTheNextLookAfterTheEventsLag() {
    Work work = new Work().add(50, 0, 6_000, 1).add(10_000, 0, 6_000, 1);
    for (double at : new double[] {10_005, 10_007, 16_000}) {
      work.add(at, 0, 10, 1);
    }

    run(
        fleet(1, 1, new Fault.ReplicaDown(0, 15_000, 15_500)),
        work,
        new RoutingPolicy() {
          @Override
          public Choice route(Request request, boolean forwarded, RouterView view) {
            seen.add("%.0f: %d".formatted(view.nowMs(), view.runs(request)[0]));
            return first(view);
          }

          @Override
          public void evicted(int replica, long[] blocks, RouterView view) {
            seen.add("evicted " + blocks.length);
          }

          @Override
          public void cleared(int replica, RouterView view) {
            seen.add("cleared");
          }
        });

    assertThat(seen).containsSubsequence("10005: 0", "evicted 201", "10007: 0", "cleared");
  }

  @Test
  void digestRun_blockStored_isSeenAfterTheDigestsLag() {
    // Stored at 81 ms, so visible elsewhere from 581 on.
    Work work = one(0);
    for (double at : new double[] {580.9, 581.1}) {
      work.add(at, NOTHING, 1, 30, 1, 0);
    }

    run(
        fleet(2, 1),
        work,
        (request, forwarded, view) -> {
          seen.add(view.nowMs() + ": " + view.digestRun(request, 0));
          return first(view);
        });

    assertThat(seen).containsExactly("50.0: 0", "580.9: 0", "581.1: 3");
  }

  @Test
  void digest_aheadClockOfTheReader_takesItForStale() {
    FleetSpec fleet = fleet(2, 1, new Fault.ClockSkew(1, 9501));
    FleetSpec almost = fleet(2, 1, new Fault.ClockSkew(1, 9499));
    Work work = one(0).add(1000, NOTHING, 1, 30, 1, 0);
    RoutingPolicy spy =
        (request, forwarded, view) -> {
          seen.add("" + view.digestRun(request, 0));
          return first(view);
        };

    run(fleet, work, spy);
    run(almost, work, spy);

    assertThat(seen).containsExactly("0", "0", "0", "3");
  }

  @Test
  void digest_behindACut_isStaleAfterTenSeconds() {
    FleetSpec fleet = fleet(2, 1, new Fault.Cut(0, 1, 1000, 50_000));
    Work work = one(0);
    for (double at : new double[] {10_499, 10_501}) {
      work.add(at, NOTHING, 1, 30, 1, 0);
    }

    run(
        fleet,
        work,
        (request, forwarded, view) -> {
          seen.add("" + view.digestRun(request, 0));
          return first(view);
        });

    assertThat(seen).containsExactly("0", "3", "0");
  }

  @Test
  void digestLoads_arriveWithTheDigestInterval() {
    // From 50 to 1052 ms a request of 1000 tokens waits for its first token in region 0.
    Work work = new Work().add(50, 0, 1000, 1);
    for (double at : new double[] {499, 501, 1499, 1501}) {
      work.add(at, 1, 30, 1);
    }

    run(
        fleet(2, 2),
        work,
        (request, forwarded, view) -> {
          seen.add(
              "%.0f: %.1f %.1f %.1f"
                  .formatted(
                      view.nowMs(),
                      view.digestRequests(0),
                      view.digestWaitingTokens(0),
                      view.digestLeastWaitingTokens(0)));
          return first(view);
        });

    assertThat(seen)
        .containsExactly(
            "50: 0.0 0.0 0.0",
            "499: 0.0 0.0 0.0",
            "501: 0.5 500.0 0.0",
            "1499: 0.5 500.0 0.0",
            "1501: 0.0 0.0 0.0");
  }

  @Test
  void counts_ownAtOnce_othersWithTheLoadInterval() {
    // Requests alternate between the region's two routers.
    Work work = new Work().add(50, 0, 600, 40);
    for (double at : new double[] {98, 99, 101, 102, 801}) {
      work.add(at, 0, 10, 1);
    }

    Simulation.run(
        fleet(1, 2, new int[] {1}, LAG),
        work.requests,
        (spec, region, router, seed) ->
            (request, forwarded, view) -> {
              seen.add(
                  "router %d at %.0f: %d %d %d %d"
                      .formatted(
                          router,
                          view.nowMs(),
                          view.requests(0),
                          view.unanswered(0),
                          view.waitingTokens(0),
                          view.promptTokens(0)));
              return new Choice.Replica(0, 0);
            },
        1);

    assertThat(seen)
        .containsExactly(
            "router 0 at 50: 0 0 0 0",
            "router 1 at 98: 0 0 0 0",
            "router 0 at 99: 1 1 600 600",
            // At 100 ms they tell each other 2 and 1.
            "router 1 at 101: 3 3 620 620",
            "router 0 at 102: 3 3 620 620",
            // Its own have ended. The other's, as told at 800 ms: one of 600 tokens, answered.
            "router 1 at 801: 1 0 0 600");
  }

  @Test
  void gauges_areReadAtTheirInterval() {
    Work work = new Work().add(1, 0, 600, 1).add(49, 0, 10, 1).add(51, 0, 10, 1);

    run(
        fleet(1, 1),
        work,
        (request, forwarded, view) -> {
          seen.add(view.gaugeRunning(0) + " " + view.gaugeWaiting(0));
          return first(view);
        });

    // The 49 ms one reaches the engine at 50 ms, just after the reading.
    assertThat(seen).containsExactly("0 0", "0 0", "1 0");
  }

  @Test
  void toldMs_isWhenCountsWereLastTold() {
    Work work = one(0);
    for (double at : new double[] {99, 101, 250}) {
      work.add(at, NOTHING, 0, 30, 1, 0);
    }

    run(
        fleet(1, 1),
        work,
        (request, forwarded, view) -> {
          seen.add("%.0f: %.0f".formatted(view.nowMs(), view.toldMs()));
          return first(view);
        });

    assertThat(LAG.loadMs()).isEqualTo(100);
    assertThat(seen).containsExactly("50: 0", "99: 0", "101: 100", "250: 200");
  }
}
