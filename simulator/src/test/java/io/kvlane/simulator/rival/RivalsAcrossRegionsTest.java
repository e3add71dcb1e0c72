package io.kvlane.simulator.rival;

import static io.kvlane.simulator.rival.FakeView.blocks;
import static io.kvlane.simulator.rival.FakeView.inSession;
import static io.kvlane.simulator.rival.FakeView.request;
import static io.kvlane.simulator.rival.FakeView.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies with a rule for other regions: each one's published rule, by an example. */
class RivalsAcrossRegionsTest {
  private final FakeView view = new FakeView(4);

  /** 2 of 3 blocks matched is above a half: the owner. 1 of 3 is below: the least loaded. */
  @Test
  void skyWalkerTrie_longestMatchAmongTheAvailable() {
    RoutingPolicy policy = view.policy("skywalker-trie");
    assertThat(view.route(policy, request(0, 1, 2, 3))).isEqualTo(to(0, 0));
    assertThat(view.route(policy, request(1, 1, 2, 4))).isEqualTo(to(0, 200));
    assertThat(view.route(policy, request(2, 1, 5, 6))).isEqualTo(to(1, 0));

    view.gaugeWaiting[0] = 1;
    // Without replica 0 the walk ends after block 1, at replica 1: a third, so the least loaded.
    assertThat(view.route(policy, request(3, 1, 2, 3))).isEqualTo(to(2, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"skywalker-trie", "skywalker-hash"})
  void skyWalker_nobodyAvailable_waits(String name) {
    RoutingPolicy policy = view.policy(name);
    Arrays.fill(view.gaugeWaiting, 1);

    assertThat(view.route(policy, request(0, 1))).isEqualTo(new Choice.Wait());

    view.gaugeWaiting[3] = 0;
    assertThat(view.replica(policy, request(0, 1))).isEqualTo(3);
  }

  /** Region 1 (replica 2) has requests pending, region 2 (replica 3) has none. */
  @ParameterizedTest
  @ValueSource(strings = {"skywalker-trie", "skywalker-hash"})
  void skyWalker_noLocalAvailable_forwardsOnce(String name) {
    FakeView regions = new FakeView(2, 1, 1);
    RoutingPolicy policy = regions.policy(name);
    regions.gaugeWaiting[0] = 1;
    regions.gaugeWaiting[1] = 2;
    regions.gaugeWaiting[2] = 1;

    assertThat(policy.route(request(0, 1), false, regions)).isEqualTo(new Choice.Region(2));
    assertThat(policy.route(request(1, 1), true, regions)).isEqualTo(new Choice.Wait());
  }

  /** The session's first replica is passed over while it has something pending. */
  @Test
  void skyWalkerHash_nextAvailableOnTheRing() {
    RoutingPolicy policy = view.policy("skywalker-hash");
    int home = view.replica(policy, inSession(7, 0, 1));
    assertThat(view.replica(policy, inSession(7, 1, 2))).isEqualTo(home);

    view.gaugeWaiting[home] = 1;
    assertThat(view.replica(policy, inSession(7, 2, 1))).isNotEqualTo(home);
  }

  /**
   * Local: 0: 1,000 - 0 + 400 waiting + 0 running = 1,400; 1: 200 uncached + 600 running = 800.
   * Peers with nothing cached: 100 + 1,000 and 200 + 1,000 ms. The cheapest is local.
   */
  @Test
  void gorgo_localCheapest_stays() {
    FakeView regions = new FakeView(2, 1, 1);
    RoutingPolicy policy = regions.policy("gorgo");
    regions.waitingTokens[0] = 400;
    regions.promptTokens[0] = 400;
    regions.runs[1] = 8;
    regions.promptTokens[1] = 600;
    regions.requests[1] = 6;

    assertThat(policy.route(request(0, blocks(1, 10)), false, regions)).isEqualTo(to(1, 800));
  }

  /**
   * Local: 200 uncached + 600 running = 800 at both. Peers: 1: 100 + 1,000; 2: 200 + 1,000 - 500 =
   * 700. Forwarded once, and only from where 5 are running.
   */
  @Test
  void gorgo_peerCheaperAndFiveRunning_forwards() {
    FakeView regions = new FakeView(2, 1, 1);
    RoutingPolicy policy = regions.policy("gorgo");
    Request request = request(0, blocks(1, 10));
    for (int replica : new int[] {0, 1}) {
      regions.runs[replica] = 8;
      regions.promptTokens[replica] = 600;
      regions.requests[replica] = 5;
    }
    regions.digestRuns[2] = 5;

    assertThat(policy.route(request, false, regions)).isEqualTo(new Choice.Region(2));
    assertThat(policy.route(request, true, regions)).isEqualTo(to(0, 800));

    regions.unanswered[0] = 1;
    assertThat(policy.route(request, false, regions)).isEqualTo(to(0, 800));
  }
}
