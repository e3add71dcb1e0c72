package io.kvlane.router.telemetry.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.Finished;
import io.kvlane.router.telemetry.Reuse;
import io.kvlane.router.telemetry.cache.Question.By;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CacheHistoryTest {
  private static final Group A = new Group("m", "a", "here", "r1");
  private static final Group B = new Group("m", "b", "here", "r2");

  private final AtomicLong now = new AtomicLong(1_800_000_000_000L);
  private final CacheHistory history = new CacheHistory(now::get);

  private static Finished request(int prompt, int reusable, int selected, int cached) {
    return new Finished(
        "chat",
        200,
        "hit",
        "m",
        "a",
        false,
        "here",
        "r1",
        100,
        null,
        new Route.Usage(prompt, cached, 10),
        new Reuse(reusable, selected, Reuse.Loss.DISTANCE),
        true,
        Duration.ofMillis(100).toNanos(),
        Duration.ofMillis(300).toNanos());
  }

  private Question last(Duration window, Duration step, By by, String... tenants) {
    long to = now.get() + 1;
    long from = to - window.toMillis();
    long stepMillis = step.equals(window) ? 0 : step.toMillis();
    return Question.of(from, to, stepMillis, by, "", Set.of(tenants), now.get());
  }

  private Sums summary(By by, String key) {
    Duration window = Duration.ofMinutes(5);
    return history.answer(last(window, window, by)).values().iterator().next().get(key);
  }

  @Test
  void finished_stagesAddUpToThePrompt() {
    history.finished(request(1000, 800, 600, 500), A, 3);

    Sums sums = summary(By.NONE, "");
    assertThat(sums.get(Count.LOST_WORKLOAD) + sums.get(Count.LOST_DISTANCE))
        .isEqualTo(1000 - sums.get(Count.PREDICTED))
        .isEqualTo(400);
    assertThat(sums.get(Count.REPORTED))
        .isEqualTo(
            sums.get(Count.PREDICTED) - sums.get(Count.FALSE_HIT) + sums.get(Count.FALSE_MISS));
    assertThat(sums.get(Count.SAVED_MICRO_USD)).isEqualTo(3);
  }

  @Test
  void finished_engineSilent_countsNoTokens() {
    history.finished(request(1000, 800, 600, -1), A, 0);

    Sums sums = summary(By.NONE, "");
    assertThat(sums.get(Count.UNREPORTED)).isEqualTo(1);
    assertThat(sums.get(Count.PROMPT)).isZero();
  }

  @Test
  void answer_groups_areApart() {
    history.finished(request(10, 0, 0, 0), A, 0);
    history.finished(request(20, 0, 0, 0), B, 0);

    assertThat(summary(By.TENANT, "a").get(Count.PROMPT)).isEqualTo(10);
    assertThat(summary(By.REPLICA, "r2").get(Count.PROMPT)).isEqualTo(20);
    assertThat(summary(By.MODEL, "m").get(Count.PROMPT)).isEqualTo(30);
  }

  @Test
  void answer_tenants_hidesOthers() {
    history.finished(request(10, 0, 0, 0), A, 0);
    history.finished(request(20, 0, 0, 0), B, 0);

    Duration window = Duration.ofMinutes(5);
    var found = history.answer(last(window, window, By.TENANT, "b"));

    assertThat(found.values()).allSatisfy(groups -> assertThat(groups).containsOnlyKeys("b"));
  }

  @Test
  void answer_series_hasStepsOfTheirOwn() {
    history.finished(request(10, 0, 0, 0), A, 0);
    now.addAndGet(30_000);
    history.finished(request(20, 0, 0, 0), A, 0);

    var found = history.answer(last(Duration.ofMinutes(2), Duration.ofSeconds(10), By.NONE));

    assertThat(found).hasSize(2);
    assertThat(found.values().stream().map(groups -> groups.get("").get(Count.PROMPT)))
        .containsExactly(10.0, 20.0);
  }

  @Test
  void answer_longWindow_reachesBehindTheFineSteps() {
    history.finished(request(10, 0, 0, 0), A, 0);
    now.addAndGet(Duration.ofHours(2).toMillis());
    history.finished(request(20, 0, 0, 0), A, 0);

    Duration window = Duration.ofHours(3);
    Map<Long, Map<String, Sums>> found = history.answer(last(window, window, By.NONE));

    assertThat(found.values().iterator().next().get("").get(Count.PROMPT)).isEqualTo(30);
  }

  @Test
  void failed_countsAnErrorAndNoTokens() {
    history.failed(A);

    assertThat(summary(By.NONE, "").get(Count.ERRORS)).isEqualTo(1);
    assertThat(summary(By.NONE, "").get(Count.PROMPT)).isZero();
  }

  @Test
  void answer_summary_isTheSumOfItsSeries() {
    for (int i = 0; i < 20; i++) {
      history.finished(request(10 + i, 9, 8, 7), i % 2 == 0 ? A : B, 1);
      now.addAndGet(7_000);
    }
    Duration window = Duration.ofMinutes(5);

    double series =
        history.answer(last(window, Duration.ofSeconds(10), By.NONE)).values().stream()
            .mapToDouble(groups -> groups.get("").get(Count.PROMPT))
            .sum();

    assertThat(summary(By.NONE, "").get(Count.PROMPT)).isEqualTo(series).isEqualTo(390);
  }

  @Test
  void finished_manyGroups_staysBounded() {
    for (int i = 0; i < 10_000; i++) {
      history.finished(request(1, 0, 0, 0), new Group("m", "t" + i, "here", "r"), 0);
    }

    Duration window = Duration.ofMinutes(5);
    var groups = history.answer(last(window, window, By.TENANT)).values().iterator().next();
    assertThat(groups).hasSize(CacheHistory.MOST_GROUPS + 1);
    assertThat(groups.get("other").get(Count.REQUESTS)).isEqualTo(10_000 - 256);
  }

  @Test
  void finished_hoursGoBy_oldStepsGo() {
    for (int i = 0; i < 24 * 60; i++) {
      history.finished(request(1, 0, 0, 0), A, 0);
      now.addAndGet(60_000);
    }

    Duration window = Duration.ofHours(24);
    var found = history.answer(last(window, window, By.NONE));
    assertThat(found.values().iterator().next().get("").get(Count.REQUESTS))
        .isGreaterThan(350)
        .isLessThanOrEqualTo(361);
  }

  @Test
  void quantile_isExactToAFifth() {
    Sums sums = new Sums();
    for (int i = 1; i <= 1000; i++) {
      sums.firstToken(true, i);
    }
    assertThat(Sums.quantileMs(sums.warm, 0.5)).isBetween(500.0, 600.0);
    assertThat(Sums.quantileMs(sums.warm, 0.95)).isBetween(950.0, 1140.0);
    assertThat(Sums.quantileMs(sums.cold, 0.5)).isZero();
  }
}
