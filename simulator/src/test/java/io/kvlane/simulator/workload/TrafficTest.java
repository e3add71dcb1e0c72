package io.kvlane.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.trace.TraceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrafficTest {

  /** Conversations of four turns that share block 0, a second apart. */
  private static List<TraceRequest> trace(int conversations) {
    List<TraceRequest> trace = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      for (int c = 0; c < conversations; c++) {
        int[] blocks = new int[turn + 2];
        for (int i = 1; i < blocks.length; i++) {
          blocks[i] = 100 * (c + 1) + i;
        }
        trace.add(new TraceRequest(trace.size() * 1000L, 512 * blocks.length - 100, 20, blocks));
      }
    }
    return trace;
  }

  private static Map<Integer, List<Request>> sessions(List<Request> requests) {
    Map<Integer, List<Request>> sessions = new HashMap<>();
    requests.forEach(r -> sessions.computeIfAbsent(r.session(), s -> new ArrayList<>()).add(r));
    return sessions;
  }

  @Test
  void of_trace_keepsArrivalsLengthsAndSharedBlocks() {
    List<Request> requests = Traffic.of(trace(500), new double[] {1}, 0, 1);

    Request first = requests.getFirst();
    Request later = requests.get(500);
    assertThat(later.atNanos()).isEqualTo(500_000_000_000L);
    assertThat(later.follows()).isEqualTo(Request.NOTHING);
    assertThat(later.promptTokens()).isEqualTo(3 * 512 - 100);
    assertThat(later.outputTokens()).isEqualTo(20);
    assertThat(later.promptBlocks()).isEqualTo(3);
    assertThat(later.blocks()).startsWith(first.blocks());
    assertThat(requests.get(1).block(0)).isEqualTo(first.block(0));
    assertThat(requests.get(1).block(1)).isNotEqualTo(first.block(1));
  }

  @Test
  void of_conversations_areSessions() {
    Map<Integer, List<Request>> sessions = sessions(Traffic.of(trace(500), new double[] {1}, 0, 1));

    assertThat(sessions).hasSize(500);
    assertThat(sessions.values()).allSatisfy(turns -> assertThat(turns).hasSize(4));
  }

  @Test
  void of_weights_dealSessionsToRegions() {
    Map<Integer, List<Request>> sessions =
        sessions(Traffic.of(trace(2000), new double[] {3, 1, 1}, 0, 1));

    assertThat(sessions.values())
        .allSatisfy(
            turns ->
                assertThat(turns)
                    .extracting(Request::region)
                    .containsOnly(turns.getFirst().region()));
    double[] shares = new double[3];
    sessions.values().forEach(turns -> shares[turns.getFirst().region()] += 1.0 / sessions.size());
    assertThat(shares).containsExactly(new double[] {0.6, 0.2, 0.2}, within(0.03));
  }

  @Test
  void of_roaming_isTheShareOfRequestsFromElsewhere() {
    List<Request> home = Traffic.of(trace(2000), new double[] {1, 0, 0}, 0, 1);
    List<Request> roaming = Traffic.of(trace(2000), new double[] {1, 0, 0}, 0.3, 1);

    assertThat(home).extracting(Request::region).containsOnly(0);
    double away = roaming.stream().filter(r -> r.region() != 0).count() / 8000.0;
    double second = roaming.stream().filter(r -> r.region() == 2).count() / 8000.0;
    assertThat(away).isCloseTo(0.3, within(0.02));
    assertThat(second).isCloseTo(0.15, within(0.02));
    assertThat(Traffic.of(trace(2000), new double[] {1, 0, 0}, 0.3, 1))
        .extracting(Request::region)
        .isEqualTo(roaming.stream().map(Request::region).toList());
  }

  @Test
  void faster_scalesArrivalsAndNotPauses() {
    Request arrival = request(0, 9_000_000, Request.NOTHING);
    Request turn = request(1, 5_000_000, 0);

    List<Request> faster = Traffic.faster(List.of(arrival, turn), 3);

    assertThat(faster.get(0).atNanos()).isEqualTo(3_000_000);
    assertThat(faster.get(1).atNanos()).isEqualTo(5_000_000);
    assertThat(faster)
        .usingRecursiveComparison()
        .ignoringFields("atNanos")
        .isEqualTo(List.of(arrival, turn));
  }

  private static Request request(int number, long atNanos, int follows) {
    return new Request(number, atNanos, follows, 1, 2, 3, new long[] {4, 5}, 1, 60, 7);
  }
}
