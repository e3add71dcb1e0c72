package io.kvlane.simulator.rival;

import static io.kvlane.simulator.rival.FakeView.blocks;
import static io.kvlane.simulator.rival.FakeView.inSession;
import static io.kvlane.simulator.rival.FakeView.request;
import static io.kvlane.simulator.rival.FakeView.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Policies that remember nothing of what they routed: each one's published rule, by an example. */
class RivalsTest {
  private final FakeView view = new FakeView(4);

  @Test
  void named_unknown_saysWhatIsKnown() {
    assertThatThrownBy(() -> Rivals.named("magic"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("magic")
        .hasMessageContaining("skywalker-trie");
  }

  @Test
  void roundRobin_takesTurns_skipsUnhealthy() {
    RoutingPolicy policy = view.policy("round-robin");
    view.down[1] = true;

    assertThat(view.replica(policy, request(0, 1))).isEqualTo(0);
    assertThat(view.replica(policy, request(1, 1))).isEqualTo(2);
    assertThat(view.replica(policy, request(2, 1))).isEqualTo(3);
    assertThat(view.replica(policy, request(3, 1))).isEqualTo(0);
  }

  @Test
  void leastLoad_takesTheFewestRequests_equalsTakeTurns() {
    RoutingPolicy policy = view.policy("least-load");
    view.requests[0] = 3;
    view.requests[2] = 1;

    assertThat(view.replica(policy, request(0, 1))).isEqualTo(1);
    assertThat(view.replica(policy, request(1, 1))).isEqualTo(1);
    assertThat(view.replica(policy, request(2, 1))).isEqualTo(3);
  }

  @Test
  void sessionSticky_staysWithTheSession_movesOnlyIfItsReplicaIsGone() {
    RoutingPolicy policy = view.policy("session-sticky");
    int home = view.replica(policy, inSession(7, 0, 1));
    view.requests[home] = 1000;

    assertThat(view.replica(policy, inSession(7, 1, 2, 3))).isEqualTo(home);

    Set<Integer> homes = new HashSet<>();
    for (int session = 0; session < 50; session++) {
      homes.add(view.replica(policy, inSession(session, 2, 1)));
    }
    assertThat(homes).containsExactlyInAnyOrder(0, 1, 2, 3);

    view.down[home] = true;
    assertThat(view.replica(policy, inSession(7, 3, 1))).isNotEqualTo(home);
  }

  /** 7 in flight on 4: each has room for ceil(1.25 (7 + 1) / 4) = ceil(2.5) = 3. */
  @Test
  void boundedHash_fullReplica_passesToTheNextOnTheRing() {
    RoutingPolicy policy = view.policy("bounded-hash");
    int home = view.replica(policy, request(0, 1, 2, 3));

    view.requests[home] = 2;
    view.requests[(home + 1) % 4] = 5;
    assertThat(view.replica(policy, request(1, 1, 2, 4))).isEqualTo(home);

    view.requests[home] = 3;
    view.requests[(home + 1) % 4] = 4;
    int next = view.replica(policy, request(2, 1, 2, 5));
    int expected = new Ring(new int[] {0, 1, 2, 3}).next(2, node -> view.requests[node] == 0);
    assertThat(next).isEqualTo(expected);
    assertThat(view.replica(policy, request(3, 1, 2, 6))).isEqualTo(next);
  }

  @Test
  void longestPrefix_takesTheLongestRun_equalsByRequests() {
    RoutingPolicy policy = view.policy("longest-prefix");
    view.runs[1] = 2;
    view.runs[3] = 2;
    view.requests[1] = 5;
    view.requests[3] = 4;

    assertThat(view.route(policy, request(0, blocks(1, 3)))).isEqualTo(to(3, 200));
  }

  @Test
  void longestPrefix_wholePromptCached_countsOnAllButTheLastToken() {
    view.runs[2] = 3;

    assertThat(view.route(view.policy("longest-prefix"), request(0, blocks(1, 3))))
        .isEqualTo(to(2, 299));
  }

  /** Queue + prefill: 0: 900 + 100, 1: 0 + 1,000 - 200 = 800, 2: 0 + 1,000. */
  @Test
  void mooncake_leastQueuePlusPrefill() {
    view.waitingTokens[0] = 900;
    view.runs[0] = 9;
    view.runs[1] = 2;

    assertThat(view.route(view.policy("mooncake"), request(0, blocks(1, 10))))
        .isEqualTo(to(1, 200));
  }

  /** P x B: 0: (0 + 500) x 4 = 2,000; 1: (300 + 1,000) x 1 = 1,300; 2: (0 + 1,000) x 2. */
  @Test
  void lmetric_leastProductOfTokensAndRequests() {
    view.runs[0] = 5;
    view.requests[0] = 4;
    view.waitingTokens[1] = 300;
    view.requests[1] = 1;
    view.requests[2] = 2;
    view.requests[3] = 9;

    assertThat(view.route(view.policy("lmetric"), request(0, blocks(1, 10)))).isEqualTo(to(1, 0));
  }

  /** All products are 0, and replica 2 computes fewer tokens. */
  @Test
  void lmetric_allIdle_takesTheMostCached() {
    view.runs[2] = 1;

    assertThat(view.route(view.policy("lmetric"), request(0, blocks(1, 10)))).isEqualTo(to(2, 100));
  }

  /**
   * In blocks, this prompt's 10 included: 0: (0 + 10) - 8 + 7 + 10 = 19; 1: (300 + 1,000) / 100 - 5
   * + 3 + 10 = 21; 2: 10 - 0 + 0 + 10 = 20; 3: 10 + 4 + 10 = 24.
   */
  @Test
  void dynamo_prefillLessOverlapPlusDecodeBlocks() {
    view.runs[0] = 8;
    view.promptTokens[0] = 700;
    view.runs[1] = 5;
    view.waitingTokens[1] = 300;
    view.promptTokens[1] = 300;
    view.promptTokens[3] = 400;

    assertThat(view.route(view.policy("dynamo"), request(0, blocks(1, 10)))).isEqualTo(to(0, 800));
  }

  /**
   * Replica 0 has this prompt in flight and 9 of its 10 blocks cached: 10 - 9 + 10 shared = 11,
   * where replica 1 has 10 + 10. Another prompt is 10 + 20 there, 10 + 10 at replica 1.
   */
  @Test
  void dynamo_sharedBlocks_countOnce() {
    RoutingPolicy policy = view.policy("dynamo");
    Arrays.fill(view.down, 1, 4, true);
    view.route(policy, request(0, blocks(1, 10)));
    view.promptTokens[0] = 1000;
    view.down[1] = false;
    view.runs[0] = 9;

    assertThat(view.route(policy, request(1, blocks(1, 10)))).isEqualTo(to(0, 900));

    view.promptTokens[0] = 2000;
    view.runs[0] = 0;
    assertThat(view.replica(policy, request(2, blocks(51, 10)))).isEqualTo(1);
  }

  @Test
  void dynamo_equalCosts_areDrawn() {
    RoutingPolicy policy = view.policy("dynamo");
    Set<Integer> drawn = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      drawn.add(view.replica(policy, request(i, 1)));
    }

    assertThat(drawn).containsExactlyInAnyOrder(0, 1, 2, 3);
  }
}
