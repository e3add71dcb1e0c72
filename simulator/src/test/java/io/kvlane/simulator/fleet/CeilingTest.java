package io.kvlane.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.policy.KvLane;
import io.kvlane.simulator.trace.MooncakeTrace;
import io.kvlane.simulator.trace.PlainReplay;
import io.kvlane.simulator.trace.TraceRequest;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Shape;
import io.kvlane.simulator.workload.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Without load and with caches that hold everything, routing to the longest run finds what a single
 * cache would: the fleet neither loses hits nor invents any. KVLane's decision finds it as well.
 */
class CeilingTest {
  private static final int BLOCK_TOKENS = 512;
  private static final Percentage ONE_PERCENT = Percentage.withPercentage(1);

  private static final FleetSpec IDLE =
      new FleetSpec(
          List.of("one"),
          new double[1][1],
          1,
          2,
          new int[] {4},
          new FleetSpec.Engine(BLOCK_TOKENS, 200_000_000, 64, 8192, new StepCost(50_000, 1, 0, 1)),
          new FleetSpec.Lag(1, 1000, 1000, 1000, 1000),
          List.of());

  /** The longest run; without any, one replica after the other. */
  private static final class LongestRun implements RoutingPolicy {
    private int turn;

    @Override
    public Choice route(Request request, boolean forwarded, RouterView view) {
      int[] runs = view.runs(request);
      int[] replicas = view.replicas(view.region());
      int longest = replicas[turn++ % replicas.length];
      for (int replica : replicas) {
        longest = runs[replica] > runs[longest] ? replica : longest;
      }
      return new Choice.Replica(longest, 0);
    }
  }

  private static double hitRatio(List<Request> requests, RoutingPolicy.Factory policy) {
    Results results = Simulation.run(IDLE, requests, policy, 1);
    long hit = 0;
    long all = 0;
    for (int i = 0; i < requests.size(); i++) {
      hit += results.cachedTokens()[i];
      all += results.promptTokens()[i];
    }
    return (double) hit / all;
  }

  static Stream<Named<RoutingPolicy.Factory>> policies() {
    return Stream.of(
        Named.of("longest run", (spec, region, router, seed) -> new LongestRun()),
        Named.of("kvlane", KvLane.factory()));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void run_kimiConversations_reachesTheCeilingOfOneCache(RoutingPolicy.Factory policy)
      throws IOException {
    Path file =
        Path.of(
            System.getProperty("kvlane.shared", "absent"),
            "data/traces/mooncake_conversation.jsonl.gz");
    assumeTrue(Files.exists(file), "needs the trace mooncake_conversation, which is not here");
    List<TraceRequest> trace = MooncakeTrace.read(file, Integer.MAX_VALUE - 1);

    double ratio =
        hitRatio(Traffic.faster(Traffic.of(trace, new double[] {1}, 0, 1), 0.05), policy);

    assertThat(ratio).isCloseTo(0.374, ONE_PERCENT);
    assertThat(ratio).isCloseTo(PlainReplay.hitRatio(trace, 1, Long.MAX_VALUE), ONE_PERCENT);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void run_generatedChat_reachesThePlainReplay(RoutingPolicy.Factory policy) {
    Shape chat =
        new Shape(
            Shape.Kind.CHAT,
            3000,
            0.2,
            5,
            1,
            3,
            1,
            2000,
            800,
            300,
            5,
            20_000,
            0,
            0,
            0,
            0.8,
            new double[] {1},
            0,
            0);
    List<Request> requests = Generator.generate(chat, BLOCK_TOKENS, 4);

    assertThat(hitRatio(requests, policy)).isCloseTo(plainReplay(requests), ONE_PERCENT);
  }

  private static double plainReplay(List<Request> requests) {
    Set<Long> seen = new HashSet<>();
    long hit = 0;
    long all = 0;
    for (Request request : requests) {
      int run = 0;
      while (run < (request.promptTokens() - 1) / BLOCK_TOKENS
          && seen.contains(request.block(run))) {
        run++;
      }
      hit += (long) run * BLOCK_TOKENS;
      all += request.promptTokens();
      for (long block : request.blocks()) {
        seen.add(block);
      }
    }
    return (double) hit / all;
  }
}
