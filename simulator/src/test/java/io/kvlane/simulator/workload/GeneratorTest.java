package io.kvlane.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.trace.AzureTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GeneratorTest {
  private static final int BLOCK = 64;

  private static Shape shape(Shape.Kind kind) {
    return new Shape(
        kind,
        2000,
        5,
        4,
        1,
        3,
        1,
        1000,
        400,
        200,
        5,
        3000,
        40,
        900,
        4,
        0.6,
        new double[] {2, 1, 1},
        0.1,
        0);
  }

  private static List<Request> generate(Shape.Kind kind) {
    return Generator.generate(shape(kind), BLOCK, 9);
  }

  /** All that a request is, its blocks by value. */
  private static List<String> texts(List<Request> requests) {
    return requests.stream()
        .map(r -> r.toString().replaceAll("blocks=[^,]*", Arrays.toString(r.blocks())))
        .toList();
  }

  private static Map<Integer, List<Request>> sessions(List<Request> requests) {
    Map<Integer, List<Request>> sessions = new TreeMap<>();
    for (Request request : requests) {
      sessions.computeIfAbsent(request.session(), s -> new ArrayList<>()).add(request);
    }
    return sessions;
  }

  /** Number of leading blocks that two requests' prompts and answers have in common. */
  private static int common(Request a, Request b) {
    int mismatch = Arrays.mismatch(a.blocks(), b.blocks());
    return mismatch < 0 ? a.blocks().length : mismatch;
  }

  @ParameterizedTest
  @EnumSource
  void generate_equalSeeds_equalRequests(Shape.Kind kind) {
    List<String> once = texts(generate(kind));

    assertThat(texts(generate(kind))).isEqualTo(once);
    assertThat(texts(Generator.generate(shape(kind), BLOCK, 10))).isNotEqualTo(once);
  }

  @ParameterizedTest
  @EnumSource
  void generate_anyKind_wellFormed(Shape.Kind kind) {
    List<Request> requests = generate(kind);

    assertThat(requests).hasSize(2000);
    for (int i = 0; i < requests.size(); i++) {
      Request request = requests.get(i);
      assertThat(request.number()).isEqualTo(i);
      assertThat(request.follows()).isLessThan(i);
      assertThat(request.atNanos()).isNotNegative();
      assertThat(request.promptBlocks()).isEqualTo(request.promptTokens() / BLOCK);
      assertThat(request.blocks().length)
          .isBetween(
              request.promptBlocks(), (request.promptTokens() + request.outputTokens()) / BLOCK);
      assertThat(request.outputTokens()).isPositive();
      assertThat(request.region()).isBetween(0, 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void generate_anyKind_atMostOneFollowsAnother(Shape.Kind kind) {
    List<Integer> followed =
        generate(kind).stream().map(Request::follows).filter(f -> f != Request.NOTHING).toList();

    assertThat(followed).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void generate_tenants_shareNoBlock(Shape.Kind kind) {
    Map<Long, Integer> owner = new HashMap<>();
    for (Request request : generate(kind)) {
      for (long block : request.blocks()) {
        Integer other = owner.put(block, request.tenant());
        assertThat(other == null || other == request.tenant()).isTrue();
      }
    }
    assertThat(new HashSet<>(owner.values())).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(names = {"CHAT", "AGENT"})
  void generate_turns_repeatAllBefore(Shape.Kind kind) {
    int turns = 0;
    for (List<Request> session : sessions(generate(kind)).values()) {
      for (int i = 1; i < session.size(); i++, turns++) {
        Request before = session.get(i - 1);
        Request turn = session.get(i);
        assertThat(turn.follows()).isEqualTo(before.number());
        assertThat(turn.promptTokens())
            .isGreaterThan(before.promptTokens() + before.outputTokens());
        assertThat(common(before, turn)).isEqualTo(before.blocks().length);
      }
    }
    assertThat(turns).isGreaterThan(1000);
  }

  @Test
  void generate_sessions_haveMeanTurnsAndRoam() {
    List<Request> requests = generate(Shape.Kind.CHAT);
    Map<Integer, List<Request>> sessions = sessions(requests);
    long turns = requests.size() - sessions.size();
    long moves =
        requests.stream()
            .filter(r -> r.follows() != Request.NOTHING)
            .filter(r -> r.region() != requests.get(r.follows()).region())
            .count();

    assertThat((double) requests.size() / sessions.size()).isCloseTo(5, within(0.6));
    assertThat((double) moves / turns).isCloseTo(0.1, within(0.03));
  }

  @Test
  void generate_regions_haveTheirShare() {
    List<Request> requests = generate(Shape.Kind.SHARED);

    assertThat(requests.stream().filter(r -> r.region() == 0).count() / 2000.0)
        .isCloseTo(0.5, within(0.04));
    assertThat(requests.getLast().atNanos() / 1e9 / 2000).isCloseTo(1 / 5.0, within(0.02));
  }

  @Test
  void generate_day_swingsRegionsOneAfterTheOther() {
    double dayMs = 300_000;
    Shape even =
        new Shape(
            Shape.Kind.SHARED,
            2000,
            10,
            1,
            0,
            1,
            0,
            100,
            100,
            10,
            1,
            0,
            0,
            0,
            0,
            0.5,
            new double[] {1, 1, 1},
            0,
            dayMs);
    List<Request> requests = Generator.generate(even, BLOCK, 2);

    // Region 0's peak is a quarter of the period in.
    long[] byRegion = new long[3];
    requests.stream()
        .filter(r -> Math.abs(r.atNanos() / 1e6 % dayMs / dayMs - 0.25) < 0.1)
        .forEach(r -> byRegion[r.region()]++);
    assertThat(byRegion[0]).isGreaterThan(2 * Math.max(byRegion[1], byRegion[2]));
  }

  @Test
  void generate_documentsInOtherOrder_shareOnlyTheSystemPrompt() {
    List<Request> requests = generate(Shape.Kind.RAG).subList(0, 300);
    int tested = 0;
    for (Request a : requests) {
      for (Request b : requests) {
        if (a.number() < b.number() && a.tenant() == b.tenant()) {
          Set<Long> shared = new HashSet<>();
          Arrays.stream(a.blocks()).forEach(shared::add);
          Set<Long> others = new HashSet<>();
          Arrays.stream(b.blocks()).forEach(others::add);
          shared.retainAll(others);
          // Blocks behind the first difference are never equal, whatever documents they hold.
          assertThat(shared).hasSize(common(a, b));
          tested++;
        }
      }
    }
    assertThat(tested).isGreaterThan(1000);
  }

  @Test
  void generate_tree_branchesShareTheirStem() {
    int levels = 0;
    for (List<Request> tree : sessions(generate(Shape.Kind.TREE)).values()) {
      for (int i = 0; i + 3 < tree.size(); i += 4, levels++) {
        Request first = tree.get(i);
        for (int branch = 1; branch < 4; branch++) {
          int stem = common(first, tree.get(i + branch));
          assertThat(stem).isLessThanOrEqualTo(first.promptBlocks());
          if (i > 0) {
            Request before = tree.get(i - 4);
            assertThat(stem).isGreaterThanOrEqualTo(before.blocks().length);
          }
        }
      }
    }
    assertThat(levels).isGreaterThan(200);
  }

  @Test
  void around_recordedArrivals_keepsTimesAndLengths() {
    List<AzureTrace.Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      arrivals.add(new AzureTrace.Arrival(i * 1_000_000L, 50 + 100 * i, 1 + i));
    }

    List<Request> requests = Generator.around(arrivals, shape(Shape.Kind.SHARED), BLOCK, 3);

    assertThat(requests).hasSameSizeAs(arrivals);
    for (int i = 0; i < 100; i++) {
      assertThat(requests.get(i).atNanos()).isEqualTo(arrivals.get(i).atNanos());
      assertThat(requests.get(i).promptTokens()).isEqualTo(arrivals.get(i).inputTokens());
      assertThat(requests.get(i).outputTokens()).isEqualTo(arrivals.get(i).outputTokens());
    }
    assertThat(requests.stream().filter(r -> r.promptBlocks() > 0).map(r -> r.block(0)).distinct())
        .hasSizeLessThan(20);
  }
}
