package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class PooledCacheTest {
  private static Request request(int number, double seconds, int follows, long... blocks) {
    return new Request(
        number,
        Math.round(seconds * 1e9),
        follows,
        0,
        number,
        0,
        blocks,
        blocks.length - 1,
        (blocks.length - 1) * 10 + 5,
        5);
  }

  @Test
  void hitRatio_answersAreCachedToo() {
    // 25 tokens, then 35 of which the first three blocks are cached.
    List<Request> requests =
        List.of(request(0, 0, Request.NOTHING, 1, 2, 3), request(1, 1, 0, 1, 2, 3, 4));

    assertThat(PooledCache.hitRatio(requests, 10, 1000)).isEqualTo(30.0 / 60);
  }

  @Test
  void hitRatio_requestsComeInTheOrderOfTheirArrival() {
    // The last is first, so both others find it.
    List<Request> requests =
        List.of(
            request(0, 5, Request.NOTHING, 1, 2),
            request(1, 1, 0, 1, 2),
            request(2, 0, Request.NOTHING, 1, 2));

    assertThat(PooledCache.hitRatio(requests, 10, 1000)).isEqualTo(20.0 / 45);
  }

  @Test
  void hitRatio_smallCache_losesLeavesOfTheLeastRecentlyUsed() {
    List<Request> requests =
        List.of(
            request(0, 0, Request.NOTHING, 1, 2, 3),
            request(1, 1, Request.NOTHING, 7, 8),
            request(2, 2, Request.NOTHING, 1, 2, 3));

    assertThat(PooledCache.hitRatio(requests, 10, 40)).isEqualTo(20.0 / 65);
    assertThat(PooledCache.hitRatio(requests, 10, 30)).isEqualTo(10.0 / 65);
  }
}
