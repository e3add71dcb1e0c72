package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.policy.RolloutGuard.Step;
import io.kvlane.router.policy.RolloutGuard.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** ADM-8: what becomes of a canary, from what the routers say. */
class RolloutGuardTest {
  private static final long BEGUN = 7;
  private static final Instant AT = Instant.ofEpochSecond(1_800_000_000);

  private static Canary canary(double errors, long ttft, double hits, Canary.Promote promote) {
    var slo = new Canary.Slo(errors, ttft, hits, 100);
    return new Canary("canary", 10, List.of(), 60, slo, promote, 6, List.of());
  }

  private static final Canary UNBOUNDED = canary(1, 0, 0, Canary.Promote.AUTO);

  private static ArmFigures figures(int requests, int errors, double ttft, int cached) {
    var counter = new ArmCounter();
    for (int i = 0; i < requests; i++) {
      counter.finished(i < errors ? 503 : 200, 100, cached, ttft);
    }
    return counter.figures();
  }

  private static RouterStatus router(
      String name, long revision, long refused, @Nullable ArmFigures seen) {
    var arms = seen == null ? null : new Arms.Report(BEGUN, seen, ArmFigures.NONE);
    String problem = refused == 0 ? "" : "unknown region";
    return new RouterStatus("eu", name, revision, refused, problem, 0, arms);
  }

  private static List<Rollouts.Seen> region(RouterStatus... routers) {
    return List.of(new Rollouts.Seen("eu", true, List.of(routers)));
  }

  private static Verdict after(long seconds, Canary canary, List<Rollouts.Seen> seen) {
    return RolloutGuard.decide(canary, BEGUN, AT, AT.plusSeconds(seconds), 6, seen);
  }

  @Test
  void held_everywhere_isPromoted() {
    var seen = region(router("a", 7, 0, null), router("b", 8, 0, null));

    assertThat(after(59, UNBOUNDED, seen).step()).isEqualTo(Step.CONTINUE);
    assertThat(after(60, UNBOUNDED, seen).step()).isEqualTo(Step.PROMOTE);
  }

  @Test
  void held_manual_waits() {
    Verdict verdict =
        after(90, canary(1, 0, 0, Canary.Promote.MANUAL), region(router("a", 7, 0, null)));

    assertThat(verdict.step()).isEqualTo(Step.CONTINUE);
    assertThat(verdict.reason()).contains("promoted");
  }

  @Test
  void router_hasNotHeard_isWaitedFor() {
    var seen = region(router("a", 7, 0, null), router("b", 6, 0, null));

    assertThat(after(90, UNBOUNDED, seen).reason()).contains("b does not serve it yet");
    assertThat(after(90, UNBOUNDED, seen).step()).isEqualTo(Step.CONTINUE);
  }

  @Test
  void region_isSilent_isWaitedFor() {
    var seen = List.of(new Rollouts.Seen("eu", false, List.of(router("a", 7, 0, null))));

    assertThat(after(90, UNBOUNDED, seen).step()).isEqualTo(Step.CONTINUE);
  }

  @Test
  void router_refuses_isRolledBackAtOnce() {
    Verdict verdict = after(0, UNBOUNDED, region(router("a", 7, 0, null), router("b", 6, 7, null)));

    assertThat(verdict.step()).isEqualTo(Step.ROLLBACK);
    assertThat(verdict.cause()).isEqualTo("nack");
    assertThat(verdict.reason()).contains("b refuses it: unknown region");
  }

  @Test
  void router_servesButCouldNotSave_isNoRefusal() {
    assertThat(after(0, UNBOUNDED, region(router("a", 7, 7, null))).step())
        .isEqualTo(Step.CONTINUE);
  }

  @Test
  void slo_breached_isRolledBack() {
    Canary errors = canary(0.01, 0, 0, Canary.Promote.AUTO);
    Canary ttft = canary(1, 500, 0, Canary.Promote.AUTO);
    Canary hits = canary(1, 0, 0.3, Canary.Promote.AUTO);

    assertThat(after(1, errors, region(router("a", 7, 0, figures(100, 2, 10, 50)))).reason())
        .isEqualTo("error rate 0.020, above 0.010");
    assertThat(after(1, ttft, region(router("a", 7, 0, figures(100, 0, 900, 50)))).reason())
        .startsWith("p95 TTFT at least")
        .endsWith("above 500 ms");
    assertThat(after(1, ttft, region(router("a", 7, 0, figures(100, 0, 495, 50)))).step())
        .isEqualTo(Step.CONTINUE);
    assertThat(after(1, hits, region(router("a", 7, 0, figures(100, 0, 10, 20)))).reason())
        .isEqualTo("hit ratio 0.200, below 0.300");
  }

  @Test
  void slo_fewRequests_concludesNothing() {
    Canary errors = canary(0.01, 0, 0, Canary.Promote.AUTO);
    var seen = region(router("a", 7, 0, figures(99, 99, 10, 50)));

    assertThat(after(90, errors, seen).step()).isEqualTo(Step.CONTINUE);
    assertThat(after(90, errors, seen).reason()).contains("99 of 100 requests");
  }

  @Test
  void figures_ofAllRouters_areAdded() {
    Canary errors = canary(0.01, 0, 0, Canary.Promote.AUTO);
    var seen =
        region(
            router("a", 7, 0, figures(60, 1, 10, 50)), router("b", 7, 0, figures(60, 1, 10, 50)));

    assertThat(after(1, errors, seen).step()).isEqualTo(Step.ROLLBACK);
  }

  @Test
  void figures_ofAnotherCanary_areIgnored() {
    var old = new Arms.Report(5, figures(500, 500, 10, 0), ArmFigures.NONE);
    var seen = region(new RouterStatus("eu", "a", 7, 0, "", 0, old));

    assertThat(after(1, canary(0.01, 0, 0, Canary.Promote.AUTO), seen).step())
        .isEqualTo(Step.CONTINUE);
  }

  @Test
  void router_refusesALaterRevisionOfTheSameCanary_isARefusalToo() {
    assertThat(after(0, UNBOUNDED, region(router("b", 6, 8, null))).step())
        .isEqualTo(Step.ROLLBACK);
  }

  @Test
  void router_wasBehindAlready_isWrongItself() {
    var seen = region(router("a", 7, 0, null), router("late", 3, 7, null));

    assertThat(after(90, UNBOUNDED, seen).step()).isEqualTo(Step.CONTINUE);
    assertThat(RolloutGuard.refusals(7, 6, seen)).isEmpty();
  }

  @Test
  void refusals_ofAPlainRevision_areOfRoutersThatWereUpToDate() {
    assertThat(
            RolloutGuard.refusals(7, 6, region(router("a", 7, 0, null), router("c", 6, 7, null))))
        .isEqualTo("c: unknown region");
    assertThat(RolloutGuard.refusals(7, 6, region(router("a", 7, 7, null)))).isEmpty();
  }
}
