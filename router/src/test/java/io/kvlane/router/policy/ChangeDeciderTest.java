package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChangeDeciderTest {
  private static final String P = "{'priority':7,'consistency':'CP'}";
  private static final String Q = "{'priority':8,'consistency':'CP'}";

  private final ChangeDecider decider = new ChangeDecider(new Validator(() -> Samples.REGIONS));
  private final State state = Samples.state("{'id':'p','priority':7,'consistency':'CP'}");

  private Decided decide(Change... changes) throws Refused {
    List<String> places =
        IntStream.range(0, changes.length).mapToObj(i -> "/changes/" + i).toList();
    return decider.decide(state, List.of(changes), places, "test");
  }

  private Refused refusal(Change... changes) {
    return catchThrowableOfType(Refused.class, () -> decide(changes));
  }

  @Test
  void decide_put_changesThatResourceOnly() throws Exception {
    Decided decided =
        decide(Samples.put("p", "{'priority':9,'consistency':'CP'}", Samples.as(state, "p")));
    assertThat(decided.deltas())
        .extracting(Content.Delta::key)
        .containsExactly(Samples.policyKey("p"));
    assertThat(decided.diff())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.op()).isEqualTo("replace");
              assertThat(entry.path()).isEqualTo("/policies/p/priority");
              assertThat(entry.from()).hasToString("7");
              assertThat(entry.to()).hasToString("9");
            });
    assertThat(decided.next().get(Samples.policyKey("p")).revision()).isEqualTo(2);
    assertThat(decided.next().get(Samples.policyKey("default")))
        .isEqualTo(state.content().get(Samples.policyKey("default")));
  }

  @Test
  void decide_sameAgain_isNoChange() throws Exception {
    assertThat(decide(Samples.put("p", P, Samples.as(state, "p"))).deltas()).isEmpty();
  }

  @Test
  @DisplayName("ADM-1: no precondition, a stale one, a weak one, and creating what exists")
  void decide_preconditionDoesNotHold_isRefused() {
    String etag = state.content().get(Samples.policyKey("p")).etag();
    assertThat(refusal(Samples.put("p", Q, new Precondition.None())).reason())
        .isEqualTo(Refused.Reason.PRECONDITION_REQUIRED);
    for (String stale : List.of("\"r0-1234\"", "W/" + etag, etag.substring(1, 5), "*")) {
      Refused refused = refusal(Samples.put("p", Q, new Precondition.Matches(List.of(stale))));
      assertThat(refused.reason()).isEqualTo(Refused.Reason.STALE);
      assertThat(refused.etag()).isEqualTo(etag);
    }
    Refused exists = refusal(Samples.put("p", Q, new Precondition.Absent()));
    assertThat(exists.reason()).isEqualTo(Refused.Reason.STALE);
    assertThat(exists.etag()).isEqualTo(etag);
    Refused gone = refusal(Samples.put("q", Q, new Precondition.Matches(List.of(etag))));
    assertThat(gone.reason()).isEqualTo(Refused.Reason.STALE);
    assertThat(gone.etag()).isNull();
    assertThat(
            refusal(new Change.Delete(Samples.policyKey("q"), new Precondition.Absent())).reason())
        .isEqualTo(Refused.Reason.NOT_FOUND);
  }

  @Test
  @DisplayName("ADM-4: one wrong change of several refuses all")
  void decide_oneOfSeveralIsWrong_refusesAll() {
    Refused refused =
        refusal(
            Samples.put("q", Q, new Precondition.Absent()),
            Samples.put("r", "{'priority':8,'consistency':'CP'}", new Precondition.Absent()),
            Samples.put("s", "{'priority':9,'oops':1}", new Precondition.Absent()));
    assertThat(refused.reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(refused.errors())
        .extracting(FieldError::path)
        .containsExactly("/changes/2/consistency");
    refused =
        refusal(
            Samples.put("q", Q, new Precondition.Absent()),
            Samples.put("r", Q, new Precondition.Absent()));
    assertThat(refused.errors())
        .extracting(FieldError::path)
        .containsExactly("/changes/0/priority", "/changes/1/priority");
  }

  @Test
  void decide_sameResourceTwice_isRefused() {
    Refused refused =
        refusal(
            Samples.put("q", Q, new Precondition.Absent()),
            new Change.Delete(Samples.policyKey("q"), new Precondition.Absent()));
    assertThat(refused.errors()).extracting(FieldError::path).containsExactly("/changes/1");
  }

  @Test
  void decide_swapOfPriorities_isValidAsASet() throws Exception {
    State two =
        Samples.state(
            "{'id':'p','priority':7,'consistency':'CP'}",
            "{'id':'q','priority':8,'consistency':'CP'}");
    Decided decided =
        decider.decide(
            two,
            List.of(
                new Change.Patch(
                    Samples.policyKey("p"), Samples.json("{'priority':8}"), Samples.as(two, "p")),
                new Change.Patch(
                    Samples.policyKey("q"), Samples.json("{'priority':7}"), Samples.as(two, "q"))),
            List.of("/changes/0", "/changes/1"),
            "swap");
    assertThat(decided.diff())
        .extracting(Diff.Entry::path)
        .containsExactly("/policies/p/priority", "/policies/q/priority");
  }

  @Test
  @DisplayName("ADM-6: rollback is a new revision under If-Match")
  void rollback_restoresTheOldContent() throws Exception {
    Decided decided =
        decide(
            Samples.put("q", Q, new Precondition.Absent()),
            new Change.Delete(Samples.policyKey("p"), Samples.as(state, "p")));
    State later = new State(2, "2".repeat(64), decided.next());
    Precondition right = new Precondition.Matches(List.of(later.etag()));
    Decided back = decider.rollback(later, state, right, "back");
    assertThat(Diff.between(state.content(), back.next())).isEmpty();
    assertThat(back.next().get(Samples.policyKey("p")).revision()).isEqualTo(3);
    Precondition wrong = new Precondition.Matches(List.of(state.etag()));
    assertThat(
            catchThrowableOfType(Refused.class, () -> decider.rollback(later, state, wrong, "back"))
                .reason())
        .isEqualTo(Refused.Reason.STALE);
  }
}
