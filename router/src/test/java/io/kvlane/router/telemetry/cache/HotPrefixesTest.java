package io.kvlane.router.telemetry.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.telemetry.cache.HotPrefixes.Hot;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HotPrefixesTest {
  private static final long SEED = 7;
  private static final long BEGIN = 1_800_000_000_000L;

  private final AtomicLong now = new AtomicLong(BEGIN);
  private final HotPrefixes prefixes = new HotPrefixes(now::get);

  private static long[] chain(long prefix, int shared, long own, int blocks) {
    long[] chain = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      chain[i] = i < shared ? prefix * 1_000_000 + i : own * 1_000_000_000 + i;
    }
    return chain;
  }

  private List<Hot> hottest(long from, int limit) {
    return HotPrefixes.hottest(prefixes.since(from, "", Set.of(), Integer.MAX_VALUE), limit);
  }

  @Test
  void hottest_sharedPrefix_isFoundWhereItEnds() {
    for (int i = 1; i <= 100; i++) {
      prefixes.reused("m", "t", chain(1, 64, i, 100), 16, 64 * 16);
    }

    Hot found = hottest(BEGIN, 10).getFirst();

    assertThat(found.key()).isEqualTo(1_000_063);
    assertThat(found.depthTokens()).isEqualTo(1_024);
    assertThat(found.requests()).isEqualTo(100);
    assertThat(found.savedTokens()).isEqualTo(102_400);
  }

  @Test
  void hottest_manyOthers_staysBoundedAndKeepsTheHot() {
    System.out.println("seed " + SEED);
    var random = new SplittableRandom(SEED);
    for (int i = 1; i <= 50_000; i++) {
      boolean hot = random.nextInt(10) == 0;
      prefixes.reused("m", "t", chain(hot ? 1 : 10 + i, 32, i, 40), 16, 32 * 16);
    }

    var found = hottest(BEGIN, Integer.MAX_VALUE);
    assertThat(found).hasSizeLessThanOrEqualTo(1_024);
    assertThat(found.getFirst().key()).isEqualTo(1_000_031);
    assertThat(found.getFirst().requests()).isGreaterThan(4_500);
  }

  @Test
  void hottest_ofSeveralRouters_isTheirSum() {
    for (int i = 1; i <= 10; i++) {
      prefixes.reused("m", "t", chain(1, 8, i, 8), 16, 8 * 16);
    }
    List<Hot> told = prefixes.since(BEGIN, "", Set.of(), 100);

    Hot both =
        HotPrefixes.hottest(Stream.concat(told.stream(), told.stream()).toList(), 1).getFirst();

    assertThat(both.requests()).isEqualTo(20);
  }

  @Test
  void since_olderSteps_areLeftOut() {
    prefixes.reused("m", "t", chain(1, 8, 1, 8), 16, 8 * 16);
    now.addAndGet(3 * HotPrefixes.STEP_MILLIS);
    prefixes.reused("m", "t", chain(2, 8, 2, 8), 16, 8 * 16);

    assertThat(hottest(now.get(), 10)).extracting(Hot::key).containsExactly(2_000_007L);
    assertThat(hottest(BEGIN, 10)).hasSize(2);

    now.addAndGet(40 * HotPrefixes.STEP_MILLIS);
    prefixes.reused("m", "t", chain(3, 8, 3, 8), 16, 8 * 16);
    assertThat(hottest(0, 10)).extracting(Hot::key).containsExactly(3_000_007L);
  }

  @Test
  void since_othersTenants_areLeftOut() {
    prefixes.reused("m", "a", chain(1, 8, 1, 8), 16, 8 * 16);
    prefixes.reused("m", "b", chain(2, 8, 2, 8), 16, 8 * 16);

    assertThat(prefixes.since(BEGIN, "", Set.of("a"), 100))
        .isNotEmpty()
        .allSatisfy(hot -> assertThat(hot.tenant()).isEqualTo("a"));
    assertThat(prefixes.since(BEGIN, "other", Set.of(), 100)).isEmpty();
  }

  @Test
  void reused_nothingCached_countsNothing() {
    prefixes.reused("m", "t", chain(1, 8, 1, 8), 16, 15);

    assertThat(hottest(BEGIN, 10)).isEmpty();
  }
}
