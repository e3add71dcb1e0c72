package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADM-8: a canary is a part of its revision, and both of its sides are known to all routers. */
class CanaryTest {
  private static final Validator VALIDATOR = new Validator(() -> Set.of("us", "eu"));
  private static final ChangeDecider DECIDER = new ChangeDecider(VALIDATOR);

  @TempDir private Path disk;

  private static Canary plan(int percent, String... regions) {
    var slo = new Canary.Slo(1, 0, 0, 100);
    return new Canary(
        "canary", percent, List.of(regions), 60, slo, Canary.Promote.AUTO, 0, List.of());
  }

  private static State next(State before, Decided decided) {
    return new State(before.revision() + 1, "1".repeat(64), decided.next());
  }

  private static State first() {
    State built = Policies.builtIn(Policy.DEFAULTS);
    return new State(1, "0".repeat(63) + '1', built.content());
  }

  private static List<Change> retries(int attempts) throws InvalidResource {
    var key = new ResourceKey(Kind.POLICY, "default");
    var patch = ResourceJson.parse("{\"retry\":{\"maxAttempts\":" + attempts + "}}");
    return List.of(
        new Change.Patch(
            key, patch, new Precondition.Matches(List.of(first().content().get(key).etag()))));
  }

  private static State begun(Canary plan) throws Exception {
    return next(first(), DECIDER.decide(first(), retries(7), List.of(""), "", plan));
  }

  private Policies policies() {
    return Policies.load(
        disk.resolve("last-good"), Policy.DEFAULTS, VALIDATOR, InstantSource.system());
  }

  private static int attempts(PolicySnapshot snapshot) {
    return snapshot.policies().getFirst().retry().maxAttempts();
  }

  private static long share(Policies policies, String region) {
    return IntStream.range(0, 10_000)
        .filter(i -> attempts(policies.arm(region, "request-" + i).snapshot()) == 7)
        .count();
  }

  @Test
  void percent_thatPartOfTheRequests_isServedByIt() throws Exception {
    Policies policies = policies();
    policies.apply(first());
    policies.apply(begun(plan(20)));

    assertThat(share(policies, "us")).isBetween(1_850L, 2_150L).isEqualTo(share(policies, "eu"));
    assertThat(policies.arm("us", "request-1").snapshot().revision()).isIn(1L, 2L);
  }

  @Test
  void region_allOfItsRequests_areServedByIt() throws Exception {
    Policies policies = policies();
    policies.apply(begun(plan(0, "eu")));

    assertThat(share(policies, "eu")).isEqualTo(10_000);
    assertThat(share(policies, "us")).isZero();
  }

  @Test
  void restart_midway_servesBothSidesOn() throws Exception {
    policies().apply(begun(plan(20)));

    Policies again = policies();

    assertThat(share(again, "us")).isBetween(1_850L, 2_150L);
  }

  @Test
  void promoted_allRequests_areServedByIt() throws Exception {
    State state = begun(plan(20));
    Policies policies = policies();
    policies.apply(state);

    policies.apply(next(state, DECIDER.end(state, 2, true, "")));

    assertThat(share(policies, "us")).isEqualTo(10_000);
    assertThat(policies.current().revision()).isEqualTo(3);
  }

  @Test
  void rolledBack_isAsItWas() throws Exception {
    State state = begun(plan(20));
    Policies policies = policies();
    policies.apply(state);

    State back = next(state, DECIDER.end(state, 2, false, ""));
    policies.apply(back);

    assertThat(share(policies, "us")).isZero();
    assertThat(Diff.between(first().content(), back.content())).isEmpty();
    assertThat(policies.current().revision()).isEqualTo(3);
  }

  @Test
  void text_keepsBothSides() throws Exception {
    State state = begun(plan(20));

    assertThat(StateText.read(StateText.write(state)).content()).isEqualTo(state.content());
  }

  @Test
  void write_meanwhile_isRefused() throws Exception {
    State state = begun(plan(20));

    assertThatThrownBy(() -> DECIDER.decide(state, retries(3), List.of(""), ""))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("The canary of revision 2 is under way");
    assertThatThrownBy(
            () ->
                DECIDER.rollback(
                    state, first(), new Precondition.Matches(List.of(state.etag())), ""))
        .isInstanceOf(Refused.class);
  }

  @Test
  void end_ofAnotherOne_isRefused() throws Exception {
    State state = begun(plan(20));

    assertThatThrownBy(() -> DECIDER.end(state, 1, true, "")).isInstanceOf(Refused.class);
    assertThatThrownBy(() -> DECIDER.end(first(), 1, true, "")).isInstanceOf(Refused.class);
  }

  @Test
  void plan_thatCannotBe_isRefusedWithItsPath() {
    for (Canary wrong : List.of(plan(0), plan(20, "eu"), plan(0, "mars"), plan(100))) {
      assertThatThrownBy(() -> begun(wrong))
          .isInstanceOfSatisfying(
              Refused.class,
              refused ->
                  assertThat(refused.errors())
                      .allMatch(error -> error.path().startsWith("/rollout/")));
    }
  }

  @Test
  void counters_survivesALaterRevision() throws Exception {
    State state = begun(plan(20));
    Policies policies = policies();
    policies.apply(state);
    policies.arm("us", "x").counter().finished(200, 10, 5, 1);

    policies.apply(new State(3, "3".repeat(64), state.content()));

    Arms.Report report = policies.armsReport();
    assertThat(report.revision()).isEqualTo(2);
    assertThat(report.canary().requests() + report.base().requests()).isEqualTo(1);
  }
}
