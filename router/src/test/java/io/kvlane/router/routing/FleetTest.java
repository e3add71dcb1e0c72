package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.log.LoadReport;
import io.kvlane.locality.log.LoadReport.Load;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static final long MS = 1_000_000;
  private static final Chain PROMPT =
      Chain.of(new ChainRoot(KeySpace.TEXT, "m", "", "", 256), new long[] {1, 2});

  private final Fleet fleet = new Fleet(4, () -> 0);
  private final Replica engine1 = joins("engine-1");

  private Replica joins(String id) {
    var state =
        new ReplicaState(
            id, "http://127.0.0.1:1", List.of("m"), true, 1, -1, false, 16, 1_000_000, 0, 0, 0);
    return fleet.update(state);
  }

  private static LoadReport report(String router, Load... loads) {
    return new LoadReport(router, List.of(loads));
  }

  private ReplicaView view(long nowMs) {
    return engine1.view(true, 0, 0.1, nowMs * MS);
  }

  @Test
  void others_ofAllRouters_areSummedUp() {
    fleet.others(
        List.of(
            report("b", new Load("engine-1", 3, 2, 500)),
            report("c", new Load("engine-1", 1, 1, 100), new Load("engine-9", 7, 7, 700))),
        0);
    assertThat(view(0).inFlight()).isEqualTo(4);
    assertThat(view(0).unanswered()).isEqualTo(3);
    assertThat(view(0).waitingTokens()).isEqualTo(600);

    fleet.others(List.of(), 0);
    assertThat(view(0).inFlight()).isZero();
  }

  /** What a router is likely to have sent is nothing if it sends nothing at all. */
  @Test
  void others_whoSendNothing_haveNothingUntold() {
    engine1.load().dispatched(PROMPT.keys(), 100, 0.1, 5 * MS);

    fleet.others(List.of(report("b"), report("c", new Load("engine-1", 1, 0, 0))), 4 * MS);
    assertThat(engine1.load().withUntold(view(6), PROMPT, 0, 6 * MS).inFlight())
        .isEqualTo(1 + 1 + 1);

    fleet.others(List.of(report("b"), report("c")), 4 * MS);
    assertThat(engine1.load().withUntold(view(6), PROMPT, 0, 6 * MS).inFlight()).isEqualTo(1);
  }
}
