package io.kvlane.simulator.live.load;

import java.util.SplittableRandom;

/**
 * Where users are when they ask. A session is at home in one region, the sessions in turn over all;
 * a share of its requests, each drawn on its own, is sent to another region instead, all of them
 * alike.
 *
 * @param share of the requests that are sent from abroad, 0 to 1
 * @param seed equal seeds travel alike
 */
record Travel(double share, long seed) {

  /**
   * The region that a request is sent to, from 0.
   *
   * @param regions how many there are
   * @param number of the request in its session
   */
  int region(int regions, long session, int number) {
    int home = (int) Math.floorMod(session, (long) regions);
    SplittableRandom random =
        new SplittableRandom((seed * 1_000_003 + session) * 1_000_003 + number);
    if (regions == 1 || random.nextDouble() >= share) {
      return home;
    }
    return (home + 1 + random.nextInt(regions - 1)) % regions;
  }
}
