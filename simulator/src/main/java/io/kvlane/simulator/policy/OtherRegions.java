package io.kvlane.simulator.policy;

import io.kvlane.locality.decision.RegionLoad;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one router knows of the other regions, and what it has sent there since. */
final class OtherRegions {
  /** Weight of one look at a digest in a region's mean. */
  private static final double WEIGHT = 1.0 / 128;

  private final int blockTokens;
  private final double digestMs;
  private final double[] busy;
  private final List<RegionLoad> loads = new ArrayList<>();

  OtherRegions(FleetSpec spec) {
    blockTokens = spec.engine().blockTokens();
    digestMs = spec.lag().digestMs();
    busy = new double[spec.regions().size()];
    Arrays.fill(busy, 0.5);
    for (int i = 0; i < busy.length; i++) {
      loads.add(new RegionLoad());
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
                  + unseenTokens(region, view) / view.replicas(region).length,
              busy[region],
              msPerToken));
    }
    return views;
  }

  /** Replicas of the regions that can be reached. */
  int replicas(RouterView view) {
    int sum = 0;
    for (int region = 0; region < busy.length; region++) {
      if (region != view.region() && view.reachable(region)) {
        sum += view.replicas(region).length;
      }
    }
    return sum;
  }

  /**
   * Requests that the other regions can take besides what they have.
   *
   * @param each that a replica may have in flight
   */
  int spare(int each, RouterView view) {
    int sum = 0;
    for (int region = 0; region < busy.length; region++) {
      if (region != view.region() && view.reachable(region)) {
        double free = (each - view.digestRequests(region)) * view.replicas(region).length;
        sum += (int) Math.max(0, free - loads.get(region).unseenRequests(shownNanos(region, view)));
      }
    }
    return sum;
  }

  private double unseenTokens(int region, RouterView view) {
    return loads.get(region).unseenTokens(shownNanos(region, view));
  }

  private long shownNanos(int region, RouterView view) {
    return (long) ((view.nowMs() - digestMs - view.roundTripMs(region)) * 1e6);
  }

  Choice forward(Request request, RegionView to, long nowNanos) {
    int region = Integer.parseInt(to.id());
    loads.get(region).forwarded((long) request.promptTokens() - to.cachedTokens(), nowNanos);
    return new Choice.Region(region);
  }
}
