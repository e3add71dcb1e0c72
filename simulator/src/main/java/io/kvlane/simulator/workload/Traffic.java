package io.kvlane.simulator.workload;

import io.kvlane.locality.prefix.Blocks;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.trace.MooncakeTrace;
import io.kvlane.simulator.trace.TraceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Requests out of recorded traces, and what can be done with requests. */
public final class Traffic {
  /** A block that a smaller share of the requests contains is somebody's own. */
  private static final double SESSION_SHARE = 0.01;

  private Traffic() {}

  /**
   * A trace's requests. A trace knows no sessions: requests belong together if they share the first
   * block that less than 1 % of all requests contain. Sessions are dealt to regions by weight.
   *
   * @param roaming probability that a request comes from another region than its session's
   */
  public static List<Request> of(
      List<TraceRequest> trace, double[] regionWeights, double roaming, long seed) {
    Map<Integer, Integer> uses = new HashMap<>();
    for (TraceRequest request : trace) {
      for (int block : request.blocks()) {
        uses.merge(block, 1, Integer::sum);
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    Map<Integer, Integer> sessions = new HashMap<>();
    List<Integer> homes = new ArrayList<>();
    List<Request> requests = new ArrayList<>(trace.size());
    for (TraceRequest r : trace) {
      int own = r.blocks()[r.blocks().length - 1];
      for (int block : r.blocks()) {
        if (uses.getOrDefault(block, 0) < SESSION_SHARE * trace.size()) {
          own = block;
          break;
        }
      }
      Integer known = sessions.get(own);
      int session = known == null ? sessions.size() : known;
      if (known == null) {
        sessions.put(own, session);
        homes.add(draw(regionWeights, random));
      }
      int region = homes.get(session);
      if (random.nextDouble() < roaming && regionWeights.length > 1) {
        region = (region + 1 + random.nextInt(regionWeights.length - 1)) % regionWeights.length;
      }
      long[] keys = new long[r.blocks().length];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = Blocks.key(1, r.blocks()[i]);
      }
      requests.add(
          new Request(
              requests.size(),
              r.atMillis() * 1_000_000,
              Request.NOTHING,
              region,
              session,
              0,
              keys,
              keys.length,
              r.inputTokens(),
              Math.max(1, r.outputTokens())));
    }
    return List.copyOf(requests);
  }

  /** Tokens per block of {@link #of}'s requests. */
  public static int blockTokens() {
    return MooncakeTrace.BLOCK_TOKENS;
  }

  /**
   * The same requests, {@code speed} times as often. The pause before a request that follows
   * another is its user's and stays.
   */
  public static List<Request> faster(List<Request> requests, double speed) {
    List<Request> faster = new ArrayList<>(requests.size());
    for (Request r : requests) {
      faster.add(
          new Request(
              r.number(),
              r.follows() == Request.NOTHING ? Math.round(r.atNanos() / speed) : r.atNanos(),
              r.follows(),
              r.region(),
              r.session(),
              r.tenant(),
              r.blocks(),
              r.promptBlocks(),
              r.promptTokens(),
              r.outputTokens()));
    }
    return List.copyOf(faster);
  }

  private static int draw(double[] weights, SplittableRandom random) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double left = random.nextDouble() * sum;
    for (int i = 0; i < weights.length - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }
}
