package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Kills a writer behind each of its calls to the database. */
abstract class CrashContract {
  private static final int MORE_THAN_ALL_CALLS = 40;

  abstract String newDatabase() throws Exception;

  @Test
  @DisplayName("ADM-4, CAP-6, IDM-9: kill -9 at every step of a write, then the same write again")
  void writerDies_nothingIsHalfDoneAndNothingAcknowledgedIsLost() throws Exception {
    String url = newDatabase();
    int undone = 0;
    int doneUnheard = 0;
    boolean acknowledged = false;
    for (int call = 1; !acknowledged; call++) {
      assertThat(call).isLessThan(MORE_THAN_ALL_CALLS);
      int priority = 10 * call;
      long before;
      try (PolicyStore store = PolicyStore.open(url, "", "", InstantSource.system())) {
        before = store.head();
      }
      acknowledged =
          child(CrashWriter.class, url, "" + call, "" + priority, CrashWriter.WRITE)
              .contains(CrashWriter.ACKNOWLEDGED);
      try (PolicyStore store = PolicyStore.open(url, "", "", InstantSource.system())) {
        long after = store.head();
        assertThat(priorities(store.current()))
            .as("halted behind call %d", call)
            .isEqualTo(after == before ? priority - 10 : priority);
        assertThat(after).isBetween(acknowledged ? before + 1 : before, before + 1);
        assertThat(store.verifyAudit().problem()).isEmpty();
        assertThat(store.verifyAudit().entries()).isEqualTo(after);
        undone += after == before ? 1 : 0;
        doneUnheard += after > before && !acknowledged ? 1 : 0;

        Written again = CrashWriter.write(store, priority);
        assertThat(again.replayed()).isEqualTo(after > before);
        assertThat(store.head()).isEqualTo(before + 1);
        assertThat(priorities(store.current())).isEqualTo(priority);
      }
    }
    assertThat(undone).isGreaterThan(8);
    assertThat(doneUnheard).isPositive();
  }

  @Test
  @DisplayName("ADM-8, CAP-6: kill -9 at every step of a canary and its promotion, then go on")
  void rolloutDies_bothSidesAreWhole_andItGoesOn() throws Exception {
    String url = newDatabase();
    PolicyStore.open(url, "", "", InstantSource.system()).close();
    int unbegun = 0;
    int midway = 0;
    boolean acknowledged = false;
    for (int call = 1; !acknowledged; call++) {
      assertThat(call).isLessThan(2 * MORE_THAN_ALL_CALLS);
      int priority = 10 * call;
      acknowledged =
          child(CrashWriter.class, url, "" + call, "" + priority, CrashWriter.ROLLOUT)
              .contains(CrashWriter.ACKNOWLEDGED);
      try (PolicyStore store = PolicyStore.open(url, "", "", InstantSource.system())) {
        State state = store.current();
        Canary canary = state.content().canary();
        assertThat(priorities(state)).as("call %d", call).isIn(priority - 10, priority);
        if (canary != null) {
          midway++;
          assertThat(priorities(state)).isEqualTo(priority);
          Content base = canary.without(state.content());
          assertThat(priorities(new State(1, state.hash(), base))).isEqualTo(priority - 10);
        } else {
          unbegun += priorities(state) < priority ? 1 : 0;
        }
        assertThat(store.verifyAudit().problem()).isEmpty();

        CrashWriter.rollout(store, priority);
        assertThat(store.current().content().canary()).isNull();
        assertThat(priorities(store.current())).isEqualTo(priority);
      }
    }
    assertThat(unbegun).isPositive();
    assertThat(midway).isPositive();
  }

  /** The priority of p, which q must follow; 0 if there is neither. */
  private static int priorities(State state) {
    Content.Item p = state.content().get(Samples.policyKey("p"));
    Content.Item q = state.content().get(Samples.policyKey("q"));
    if (p == null || q == null) {
      assertThat(p).isNull();
      assertThat(q).isNull();
      return 0;
    }
    int priority = ((Policy) p.resource()).priority();
    assertThat(((Policy) q.resource()).priority()).isEqualTo(priority + 1);
    return priority;
  }

  /** What a process of its own says until it halts. */
  static String child(Class<?> program, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isIn(0, 9);
    return output;
  }
}
