package io.kvlane.simulator.policy;

import io.kvlane.locality.decision.RegionView;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** What one router knows of the other regions, and what it has sent there since. */
final class OtherRegions {
  /** Weight of one look at a digest in a region's mean. */
  private static final double WEIGHT = 1.0 / 128;

  /**
   * What this router sends between two digests counts that often: the other routers decide alike at
   * the same time, and see each other's forwards as late.
   */
  private static final double HERD = 2;

  private final int blockTokens;
  private final double digestMs;
  private final double[] busy;
  private final List<Deque<Forward>> forwards = new ArrayList<>();

  private record Forward(long atNanos, int uncachedTokens) {}

  OtherRegions(FleetSpec spec) {
    blockTokens = spec.engine().blockTokens();
    digestMs = spec.lag().digestMs();
    busy = new double[spec.regions().size()];
    Arrays.fill(busy, 0.5);
    for (int i = 0; i < busy.length; i++) {
      forwards.add(new ArrayDeque<>());
    }
  }

  /** The regions that can be reached. */
  List<RegionView> views(Request request, double msPerToken, RouterView view) {
    List<RegionView> views = new ArrayList<>(busy.length);
    for (int region = 0; region < busy.length; region++) {
      if (region == view.region() || !view.reachable(region)) {
        continue;
      }
      busy[region] += WEIGHT * (view.digestBusy(region) - busy[region]);
      int run = view.digestRun(request, region) * blockTokens;
      views.add(
          new RegionView(
              Integer.toString(region),
              view.roundTripMs(region),
              Math.min(run, request.promptTokens() - 1),
              view.digestWaitingTokens(region)
                  + HERD * sentSince(region, view) / view.replicas(region).length,
              busy[region],
              msPerToken));
    }
    return views;
  }

  /** Tokens sent to a region that its digest does not show yet. */
  private double sentSince(int region, RouterView view) {
    double since = (view.nowMs() - digestMs - view.roundTripMs(region)) * 1e6;
    Deque<Forward> sent = forwards.get(region);
    while (!sent.isEmpty() && sent.peek().atNanos < since) {
      sent.remove();
    }
    double tokens = 0;
    for (Forward forward : sent) {
      tokens += forward.uncachedTokens;
    }
    return tokens;
  }

  Choice forward(Request request, RegionView to, long nowNanos) {
    int region = Integer.parseInt(to.id());
    forwards.get(region).add(new Forward(nowNanos, request.promptTokens() - to.cachedTokens()));
    return new Choice.Region(region);
  }
}
