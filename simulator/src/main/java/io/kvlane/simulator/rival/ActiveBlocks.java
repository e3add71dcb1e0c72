package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The prompts that one router has in flight, by replica; blocks that prompts share count once. */
final class ActiveBlocks {
  private final FleetSpec.Engine engine;
  private final long[] promptTokens;

  // By replica: how many requests in flight have the block.
  private final List<Map<Long, Integer>> users = new ArrayList<>();
  private final Map<Integer, Integer> replicaOf = new HashMap<>();

  ActiveBlocks(FleetSpec spec) {
    engine = spec.engine();
    promptTokens = new long[spec.replicas()];
    for (int i = 0; i < spec.replicas(); i++) {
      users.add(new HashMap<>());
    }
  }

  /** Distinct blocks in flight at the replica if the request joined them. */
  int with(Request request, int replica) {
    Map<Long, Integer> known = users.get(replica);
    int blocks = known.size();
    for (int i = 0; i < request.promptBlocks(); i++) {
      blocks += known.containsKey(request.block(i)) ? 0 : 1;
    }
    return blocks;
  }

  /** Lengths of the prompts in flight, summed up. */
  long promptTokens(int replica) {
    return promptTokens[replica];
  }

  void dispatched(Request request, int replica) {
    if (!Candidates.fits(request, engine)) {
      return;
    }
    replicaOf.put(request.number(), replica);
    promptTokens[replica] += request.promptTokens();
    for (int i = 0; i < request.promptBlocks(); i++) {
      users.get(replica).merge(request.block(i), 1, Integer::sum);
    }
  }

  void ended(Request request) {
    Integer replica = replicaOf.remove(request.number());
    if (replica == null) {
      return;
    }
    promptTokens[replica] -= request.promptTokens();
    for (int i = 0; i < request.promptBlocks(); i++) {
      users.get(replica).computeIfPresent(request.block(i), (key, n) -> n == 1 ? null : n - 1);
    }
  }
}
