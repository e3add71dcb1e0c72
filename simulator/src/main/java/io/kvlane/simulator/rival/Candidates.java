package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.RouterView;
import io.kvlane.simulator.fleet.RoutingPolicy.Choice;
import java.util.Arrays;

/** Where a request can go at all. */
final class Candidates {
  private static final int NONE = -1;

  private Candidates() {}

  /** The healthy replicas of the router's own region, ascending. */
  static int[] healthy(RouterView view) {
    int[] all = view.replicas(view.region());
    int count = 0;
    int[] healthy = new int[all.length];
    for (int replica : all) {
      if (view.healthy(replica)) {
        healthy[count++] = replica;
      }
    }
    return Arrays.copyOf(healthy, count);
  }

  /**
   * What to do if the own region has no healthy replica: the nearest region that has one. A request
   * that may not leave, or has nowhere to go, is sent to a replica that may be back.
   */
  static Choice elsewhere(boolean forwarded, RouterView view) {
    int nearest = NONE;
    for (int region = 0; !forwarded && region < view.spec().regions().size(); region++) {
      if (region != view.region()
          && alive(region, view)
          && (nearest == NONE || view.roundTripMs(region) < view.roundTripMs(nearest))) {
        nearest = region;
      }
    }
    if (nearest != NONE) {
      return new Choice.Region(nearest);
    }
    int[] own = view.replicas(view.region());
    return new Choice.Replica(own.length == 0 ? 0 : own[0], 0);
  }

  /** Whether a region can be reached and has a healthy replica. */
  static boolean alive(int region, RouterView view) {
    if (view.reachable(region)) {
      for (int replica : view.replicas(region)) {
        if (view.healthy(replica)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The replicas of a region, ascending: they are numbered region by region. */
  static int[] of(FleetSpec spec, int region) {
    int first = 0;
    for (int before = 0; before < region; before++) {
      first += spec.replicasPerRegion()[before];
    }
    int[] replicas = new int[spec.replicasPerRegion()[region]];
    for (int i = 0; i < replicas.length; i++) {
      replicas[i] = first + i;
    }
    return replicas;
  }

  static boolean contains(int[] candidates, int replica) {
    return Arrays.binarySearch(candidates, replica) >= 0;
  }

  /**
   * Whether an engine accepts the request. It refuses at once what never fits into its cache, so of
   * such a request no end is heard and nobody may count it as in flight.
   */
  static boolean fits(Request request, FleetSpec.Engine engine) {
    int length = request.promptTokens() + request.outputTokens();
    return Math.ceilDiv(length, engine.blockTokens())
        <= Math.max(1, engine.cacheTokens() / engine.blockTokens());
  }

  /** Tokens that a cached run saves: engines compute the last token of a prompt always. */
  static int cachedTokens(int run, Request request, RouterView view) {
    long tokens = (long) run * view.spec().engine().blockTokens();
    return (int) Math.min(tokens, request.promptTokens() - 1);
  }

  /**
   * What a hash of a prompt's first blocks hashes; of all of them if it has fewer. A prompt that
   * does not fill a block has nothing that a cache could reuse, so its session decides.
   */
  static long head(Request request, int blocks) {
    int last = Math.min(blocks, request.promptBlocks()) - 1;
    return last < 0 ? request.session() : request.block(last);
  }
}
