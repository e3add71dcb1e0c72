package io.kvlane.locality.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routers in virtual time that report every 20 ms and hear of each other up to 15 ms later. */
class SharedLimitTest {
  private static final int LIMIT = 200;
  private static final int PERIOD = 20;
  private static final int MAX_DELAY = 15;
  private static final int MEAN_REQUEST = 150;

  private static final class Router {
    final PriorityQueue<Integer> ends = new PriorityQueue<>();
    final int[] heard;
    final int offset;
    final List<Integer> told = new ArrayList<>(List.of(0));
    int wants;

    Router(int routers, int offset) {
      heard = new int[routers];
      this.offset = offset;
    }
  }

  private record Report(int at, int from, int requests) {}

  private final Random random;
  private final List<Router> routers = new ArrayList<>();
  private final List<Report> underWay = new ArrayList<>();
  private final long seed = System.nanoTime();
  private int now;

  SharedLimitTest() {
    System.out.println("seed " + seed);
    random = new Random(seed);
  }

  private void routers(int count) {
    for (int i = 0; i < count; i++) {
      routers.add(new Router(count, random.nextInt(PERIOD)));
    }
  }

  /** A millisecond passes; returns what all have in flight then. */
  private int step() {
    now++;
    for (int i = 0; i < routers.size(); i++) {
      Router router = routers.get(i);
      while (!router.ends.isEmpty() && router.ends.peek() <= now) {
        router.ends.remove();
      }
      if (now % PERIOD == router.offset) {
        router.told.addFirst(router.ends.size());
        underWay.add(new Report(now + 1 + random.nextInt(MAX_DELAY), i, router.ends.size()));
      }
    }
    for (Report report : List.copyOf(underWay)) {
      if (report.at <= now) {
        routers.forEach(router -> router.heard[report.from] = report.requests);
        underWay.remove(report);
      }
    }
    int total = 0;
    for (int i = 0; i < routers.size(); i++) {
      total += admit(i);
    }
    return total;
  }

  private int admit(int i) {
    Router router = routers.get(i);
    int others = 0;
    for (int j = 0; j < routers.size(); j++) {
      others += i == j ? 0 : router.heard[j];
    }
    int[] told = router.told.stream().limit(SharedLimit.REPORTS).mapToInt(n -> n).toArray();
    int allowance = SharedLimit.allowance(LIMIT, told, others, routers.size());
    while (router.ends.size() < Math.min(router.wants, allowance)) {
      router.ends.add(now + 1 + random.nextInt(2 * MEAN_REQUEST));
    }
    return router.ends.size();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10})
  @DisplayName("STL-3: the limit of N routers is the limit, to N requests, and not N times it")
  void allowance_allWantAll_isTheLimitTogether(int count) {
    routers(count);
    routers.forEach(router -> router.wants = 10 * LIMIT);
    int most = 0;
    long sum = 0;
    for (int i = 0; i < 5_000; i++) {
      int total = step();
      most = Math.max(most, total);
      sum += i < 1_000 ? 0 : total;
    }
    System.out.printf("STL-3: %d routers, at most %d, on average %d%n", count, most, sum / 4_000);

    assertThat(most).isLessThanOrEqualTo(LIMIT + count);
    assertThat(sum / 4_000.0).isGreaterThan(0.95 * LIMIT);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 10})
  @DisplayName("STL-3: wants that come and go at N routers exceed the limit by a tenth at most")
  void allowance_wantsComeAndGo_staysNearTheLimit(int count) {
    routers(count);
    int most = 0;
    for (int i = 0; i < 20_000; i++) {
      if (i % 50 == 0) {
        routers.get(random.nextInt(count)).wants = random.nextInt(3) == 0 ? 0 : 10 * LIMIT;
      }
      most = Math.max(most, step());
    }
    System.out.printf("STL-3: %d routers by turns, at most %d%n", count, most);

    assertThat(most).isBetween(LIMIT * 9 / 10, LIMIT * 11 / 10);
  }

  @Test
  void allowance_onlyOneWants_getsNearlyAllOfItWithinTwoSeconds() {
    routers(10);
    routers.getFirst().wants = 10 * LIMIT;
    int most = 0;
    long sum = 0;
    for (int i = 0; i < 6_500; i++) {
      int total = step();
      most = Math.max(most, total);
      sum += i < 1_500 ? 0 : total; // at a moment it may be less: requests end between reports
    }

    assertThat(sum / 5_000.0).isGreaterThan(0.9 * LIMIT);
    assertThat(most).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void allowance_othersHoldAll_isStillOne() {
    assertThat(SharedLimit.allowance(100, new int[] {0}, 100, 3)).isEqualTo(1);
    assertThat(SharedLimit.allowance(100, new int[] {30}, 100, 3)).isEqualTo(20);
  }
}
