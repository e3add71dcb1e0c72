package io.kvlane.simulator.rival;

import static io.kvlane.simulator.rival.FakeView.blocks;
import static io.kvlane.simulator.rival.FakeView.request;
import static io.kvlane.simulator.rival.FakeView.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RoutingPolicy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Policies that learn from what they routed: each one's published rule, by an example. */
class RivalsByOwnRequestsTest {
  private final FakeView view = new FakeView(4);

  /** 1 of 3 blocks is 0.33 of the prompt, above 0.3; 1 of 4 is 0.25, below. */
  @Test
  void sglangCacheAware_moreThanThreeTenthsMatched_staysWithTheOwner() {
    RoutingPolicy policy = view.policy("sglang-cache-aware");
    assertThat(view.route(policy, request(0, 1, 2))).isEqualTo(to(0, 0));

    assertThat(view.route(policy, request(1, 1, 5, 6))).isEqualTo(to(0, 100));
    assertThat(view.route(policy, request(2, 1, 7, 8, 9))).isEqualTo(to(1, 0));
  }

  /** 65 own requests in flight against 0: 65 - 0 > 64 and 65 > 1.5 x 0. One fewer is not enough. */
  @Test
  void sglangCacheAware_moreThan64Apart_takesTheShortestQueue() {
    RoutingPolicy policy = view.policy("sglang-cache-aware");
    for (int i = 0; i < 65; i++) {
      assertThat(view.replica(policy, request(i, 1, 2))).isEqualTo(0);
    }
    policy.ended(request(0, 1, 2), 0, view);
    assertThat(view.replica(policy, request(65, 1, 2))).isEqualTo(0);

    assertThat(view.route(policy, request(66, 1, 2))).isEqualTo(to(1, 0));
  }

  /** Only own requests count: what other routers tell leaves the queue shortest. */
  @Test
  void sglangCacheAware_requestsOfOthers_areNotSeen() {
    view.requests[0] = 1000;

    assertThat(view.replica(view.policy("sglang-cache-aware"), request(0, 1))).isEqualTo(0);
  }

  /**
   * Of 256 tokens 2 blocks are whole. With k in flight at home and nowhere else, home is overloaded
   * if k > 1.25 (k + 1) / 4: from k = 1 on.
   */
  @Test
  void sglangPrefixHash_overloaded_takesTheLeastLoaded() {
    RoutingPolicy policy = view.policy("sglang-prefix-hash");
    int home = view.replica(policy, request(0, 1, 2, 3));

    int other = view.replica(policy, request(1, 1, 2, 4));
    assertThat(other).isEqualTo(home == 0 ? 1 : 0);

    policy.ended(request(0, 1, 2, 3), home, view);
    assertThat(view.replica(policy, request(2, 1, 2, 5))).isEqualTo(home);
  }

  /**
   * Both of 10 blocks: L = 1,000 ms + 45 x 150 ms each. The third matches 6 blocks at replica 0:
   * 600 > 400, so it follows them, although replicas 2 and 3 have no load.
   */
  @Test
  void preble_moreMatchedThanMissed_exploits() {
    RoutingPolicy policy = view.policy("preble");
    assertThat(view.route(policy, request(0, blocks(1, 10)))).isEqualTo(to(0, 0));
    assertThat(view.route(policy, request(1, blocks(51, 10)))).isEqualTo(to(1, 0));

    assertThat(view.route(policy, request(2, 1, 2, 3, 4, 5, 6, 91, 92, 93, 94)))
        .isEqualTo(to(0, 600));
  }

  /** 5 of 10 blocks: 500 > 500 fails, so the costs count: 7,750 + 500 at 0, 0 + 1,000 at 1. */
  @Test
  void preble_halfMatched_explores() {
    RoutingPolicy policy = view.policy("preble");
    view.route(policy, request(0, blocks(1, 10)));

    assertThat(view.route(policy, request(1, 1, 2, 3, 4, 5, 91, 92, 93, 94, 95)))
        .isEqualTo(to(1, 0));
  }

  /** After 3 minutes the first request's load of 7,750 ms is gone: 0 + 500 at 0, 1,000 at 1. */
  @Test
  void preble_loadOlderThanThreeMinutes_isForgotten() {
    RoutingPolicy policy = view.policy("preble");
    view.route(policy, request(0, blocks(1, 10)));
    view.nowMs = 180_001;

    assertThat(view.route(policy, request(1, 1, 2, 3, 4, 5, 91, 92, 93, 94, 95)))
        .isEqualTo(to(0, 500));
  }

  /**
   * One prompt 50 times: replica 0 has L = 1,000 + 49 x 1 ms of prefill and 50 x 6,750 ms of
   * decoding, the others nothing. More than 1.5 times as much: the 51st goes to replica 1.
   */
  @Test
  void preble_heaviestFarAboveLightest_movesTheSubtree() {
    RoutingPolicy policy = view.policy("preble");
    for (int i = 0; i < 50; i++) {
      assertThat(view.replica(policy, request(i, blocks(1, 10)))).isEqualTo(0);
    }

    assertThat(view.route(policy, request(50, blocks(1, 10)))).isEqualTo(to(1, 0));
    assertThat(view.route(policy, request(51, blocks(1, 10)))).isEqualTo(to(1, 999));
  }

  /**
   * 8 of 10 blocks is 0.80, sticky; 7 of 10 is not, so the owner's 1,000 tokens speak against it.
   */
  @Test
  void llmD_fourFifthsMatched_isSticky() {
    RoutingPolicy policy = view.policy("llm-d");
    int owner = view.replica(policy, request(0, blocks(1, 10)));

    assertThat(view.route(policy, request(1, 1, 2, 3, 4, 5, 6, 7, 8, 98, 99)))
        .isEqualTo(to(owner, 800));
    assertThat(view.replica(policy, request(2, 1, 2, 3, 4, 5, 6, 7, 97, 98, 99)))
        .isNotEqualTo(owner);
  }

  /**
   * 18 prompts of 1,000 tokens in flight at replica 0 are 18,000 ms, which the gate allows. The
   * last prompt again adds u = 1 token: 18,001 ms against 0 are too much, until its first chunk
   * comes.
   */
  @Test
  void llmD_stickyBehindByMoreThan18Seconds_allAreEligible() {
    RoutingPolicy policy = view.policy("llm-d");
    Arrays.fill(view.down, 1, 4, true);
    for (int i = 0; i < 18; i++) {
      view.route(policy, request(i, blocks(1000L * i, 10)));
    }
    view.down[1] = false;
    Request again = request(18, blocks(17_000, 10));
    assertThat(view.route(policy, again)).isEqualTo(to(0, 999));

    assertThat(view.replica(policy, request(19, blocks(17_000, 10)))).isEqualTo(1);

    policy.firstToken(again, 0, 1, view);
    view.down[1] = true;
    view.down[2] = false;
    assertThat(view.replica(policy, request(20, blocks(17_000, 10)))).isEqualTo(0);
  }

  /** At most 5,000 ms may be pending at the warmer one: 5,000 tokens are no reason, 5,001 are. */
  @Test
  void dualMap_warmerUnlessItMissesTheSlo() {
    RoutingPolicy policy = view.policy("dualmap");
    int warm = view.replica(policy, request(0, blocks(1, 3)));

    view.waitingTokens[warm] = 5000;
    assertThat(view.route(policy, request(1, blocks(1, 3)))).isEqualTo(to(warm, 299));

    view.waitingTokens[warm] = 5001;
    int other = view.replica(policy, request(2, blocks(1, 3)));
    assertThat(other).isNotEqualTo(warm);

    // Equal hits: the lighter.
    view.waitingTokens[warm] = 1;
    assertThat(view.replica(policy, request(3, blocks(1, 3)))).isEqualTo(other);
  }

  /**
   * Block 1 begins every prompt: 17 of the 32 that count as evidence are more than 2/4 of them,
   * from the 17th on the second block decides too, and prompts spread over more than one pair.
   */
  @Test
  void dualMap_prefixOfMoreThanTwoShares_isExtended() {
    RoutingPolicy policy = view.policy("dualmap");
    Set<Integer> before = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      int replica = view.replica(policy, request(i, 1, 1000 + i));
      before.add(replica);
      view.waitingTokens[replica] += 6000;
    }
    Set<Integer> after = new HashSet<>();
    for (int i = 16; i < 40; i++) {
      int replica = view.replica(policy, request(i, 1, 1000 + i));
      after.add(replica);
      view.waitingTokens[replica] += 6000;
    }

    assertThat(before).hasSize(2);
    assertThat(after).containsExactlyInAnyOrder(0, 1, 2, 3);
  }
}
