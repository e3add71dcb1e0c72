package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.policy.Rollouts.Phase;
import io.kvlane.router.policy.Rollouts.Reply;
import io.kvlane.router.policy.Rollouts.Seen;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RolloutsTest {
  private final List<Seen> seen = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Rollouts rollouts = new Rollouts(() -> seen, now::get, meters);

  private static RouterStatus serves(String router, long revision) {
    return new RouterStatus("eu", router, revision, 0, "", 0, null);
  }

  private static RouterStatus refuses(String router, long revision) {
    return new RouterStatus("eu", router, revision - 1, revision, "unknown region", 0, null);
  }

  private Phase phase(long revision) {
    return rollouts.of(revision).state();
  }

  @Test
  @DisplayName("ADM-8: live when the last router serves it, or a later one; the time is a metric")
  void of_allServeIt_isLive() {
    seen.add(new Seen("eu", true, List.of(serves("a", 2), serves("b", 1))));
    rollouts.committed(2);
    assertThat(phase(2)).isEqualTo(Phase.PENDING);
    assertThat(rollouts.of(2).millis()).isEqualTo(-1);

    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(300));
    seen.set(0, new Seen("eu", true, List.of(serves("a", 2), serves("b", 3))));

    assertThat(phase(2)).isEqualTo(Phase.LIVE);
    assertThat(rollouts.of(2).millis()).isEqualTo(300);
    assertThat(meters.get("kvlane.rollout.duration").timer().count()).isEqualTo(1);
  }

  @Test
  void of_aRegionThatNobodyHasHeardOf_isPending() {
    seen.add(new Seen("eu", true, List.of(serves("a", 2))));
    seen.add(new Seen("us", false, List.of()));
    assertThat(phase(2)).isEqualTo(Phase.PENDING);
    seen.set(1, new Seen("us", false, List.of(serves("c", 1))));
    assertThat(phase(2)).isEqualTo(Phase.PENDING);
  }

  @Test
  @DisplayName("ADM-8: a router's NACK and its reason are shown until it serves a later revision")
  void of_oneRefuses_isRefused() {
    seen.add(new Seen("eu", true, List.of(serves("a", 2), refuses("b", 2))));
    assertThat(phase(2)).isEqualTo(Phase.REFUSED);
    Rollouts.Router router = rollouts.of(2).regions().getFirst().routers().getLast();
    assertThat(router).isEqualTo(new Rollouts.Router("b", Reply.NACK, 1, "unknown region"));
    assertThat(phase(1)).isEqualTo(Phase.LIVE);

    seen.set(0, new Seen("eu", true, List.of(serves("a", 3), serves("b", 3))));
    assertThat(phase(2)).isEqualTo(Phase.LIVE);
  }
}
