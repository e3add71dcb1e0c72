package io.kvlane.simulator.fleet;

import static io.kvlane.simulator.fleet.Worked.EXACT;
import static io.kvlane.simulator.fleet.Worked.first;
import static io.kvlane.simulator.fleet.Worked.fleet;
import static io.kvlane.simulator.fleet.Worked.one;
import static io.kvlane.simulator.fleet.Worked.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import io.kvlane.simulator.fleet.RoutingPolicy.Line;
import io.kvlane.simulator.fleet.Worked.Work;
import org.junit.jupiter.api.Test;

/** What becomes of requests that a router does not take, worked by hand: see {@link Worked}. */
class RefusalTest {
  private static RoutingPolicy refusingUntil(double ms) {
    return (request, forwarded, view) -> view.nowMs() < ms ? new Choice.Refuse() : first(view);
  }

  /** Lets one request at a time through. */
  private static RoutingPolicy oneAtATime(Line line) {
    return new RoutingPolicy() {
      @Override
      public Choice route(Request request, boolean forwarded, RouterView view) {
        return view.requests(0) > 0 ? new Choice.Wait() : first(view);
      }

      @Override
      public Line line() {
        return line;
      }
    };
  }

  @Test
  void refused_clientTriesAgainAfterASecond() {
    Results results = run(fleet(1, 1), one(0), refusingUntil(1500));

    assertThat(results.refused()).containsExactly(2);
    assertThat(results.failed()).containsExactly(false);
    // At 50 and 1050 in vain, at 2050 let in.
    assertThat(results.ttftMs()[0]).isCloseTo(2000 + 2 + 30, EXACT);
  }

  @Test
  void refusedThreeTimes_failsAndTheConversationGoesOn() {
    Work work = one(0).add(500, 0, 0, 30, 1, 7);

    Results results = run(fleet(1, 1), work, refusingUntil(2500));

    assertThat(results.refused()).containsExactly(3, 0);
    assertThat(results.failed()).containsExactly(true, false);
    assertThat(results.ttftMs()[0]).isNaN();
    assertThat(results.arrivalMs()[1]).isCloseTo(2050 + 500, EXACT);
  }

  @Test
  void refusedByAnotherRegion_clientHearsOfItOverTheRoundTrip() {
    RoutingPolicy refusedThere =
        (request, forwarded, view) ->
            view.nowMs() > 500
                ? first(view)
                : forwarded ? new Choice.Refuse() : new Choice.Region(1);

    Results results = run(fleet(2, 1), one(0), refusedThere);

    // Comes at 50, is refused at 100, hears of it at 150, and is taken at home at 1150.
    assertThat(results.ttftMs()[0]).isCloseTo(1100 + 2 + 30, EXACT);
  }

  @Test
  void lineFull_nextIsRefused() {
    Work work = new Work().add(10, 0, 300, 1).add(11, 0, 30, 1).add(12, 0, 30, 1);

    Results results = run(fleet(1, 1), work, oneAtATime(new Line(1, 1e6)));

    assertThat(results.refused()).containsExactly(0, 0, 1);
    assertThat(results.failed()).containsExactly(false, false, false);
  }

  @Test
  void inLineTooLong_isRefusedAndComesBackTwoSecondsLater() {
    Work work = new Work().add(10, 0, 300, 1).add(11, 0, 30, 1);

    Results results = run(fleet(1, 1), work, oneAtATime(new Line(10, 100)));

    assertThat(results.refused()).containsExactly(0, 1);
    // In line from 11 to 111, back at 2111.
    assertThat(results.ttftMs()[1]).isCloseTo(2100 + 2 + 30, EXACT);
  }
}
