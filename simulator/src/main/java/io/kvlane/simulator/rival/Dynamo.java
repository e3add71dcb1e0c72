package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import java.util.SplittableRandom;

/**
 * KV router of NVIDIA Dynamo 1.6.1 with its defaults: argmin of
 *
 * <pre>
 * max(0, (active prefill tokens + n) / block - overlap credit x overlap blocks) + decode blocks
 * </pre>
 *
 * <p>by an exact index. The overlap credit is 1.0 for blocks on the device, the only ones here; the
 * temperature is 0, so the least cost wins, among equals a random one. Prefill stays charged until
 * the first token. Decode blocks are the distinct blocks of the prompts in flight and of this one,
 * as in its source. Requests of other routers are known by their length only, so what they share is
 * counted again.
 */
final class Dynamo extends LocalPolicy {
  private static final double OVERLAP_CREDIT = 1.0;

  private final ActiveBlocks active;
  private final SplittableRandom random;

  Dynamo(FleetSpec spec, long seed) {
    active = new ActiveBlocks(spec);
    random = new SplittableRandom(seed);
  }

  @Override
  Choice.Replica choose(Request request, int[] candidates, RouterView view) {
    double blockTokens = view.spec().engine().blockTokens();
    int[] runs = view.runs(request);
    int best = candidates[0];
    int equals = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int replica : candidates) {
      double prefillBlocks =
          (view.waitingTokens(replica) + request.promptTokens()) / blockTokens
              - OVERLAP_CREDIT * runs[replica];
      long othersTokens = Math.max(0, view.promptTokens(replica) - active.promptTokens(replica));
      double decodeBlocks = active.with(request, replica) + othersTokens / blockTokens;
      double cost = Math.max(0, prefillBlocks) + decodeBlocks;
      if (cost < least) {
        least = cost;
        best = replica;
        equals = 1;
      } else if (cost == least && random.nextInt(++equals) == 0) {
        best = replica;
      }
    }
    active.dispatched(request, best);
    return new Choice.Replica(best, Candidates.cachedTokens(runs[best], request, view));
  }

  @Override
  public void ended(Request request, int replica, RouterView view) {
    active.ended(request);
  }
}
