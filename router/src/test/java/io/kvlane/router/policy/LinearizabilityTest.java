package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker itself: it must see what is wrong. */
class LinearizabilityTest {
  private static Linearizability.Operation read(long called, long returned, String value) {
    return new Linearizability.Operation(
        called, returned, state -> state.equals(value) ? state : null, "read " + value);
  }

  private static Linearizability.Operation write(
      long called, long returned, String expected, String value) {
    return new Linearizability.Operation(
        called, returned, state -> state.equals(expected) ? value : null, "write " + value);
  }

  private static boolean holds(Linearizability.Operation... history) {
    return Linearizability.holds("", List.of(history));
  }

  @Test
  void holds_oneAfterTheOther() {
    assertThat(holds(write(0, 1, "", "a"), read(2, 3, "a"), write(4, 5, "a", "b"))).isTrue();
  }

  @Test
  void holds_overlapping_inAnyOrder() {
    assertThat(holds(read(0, 9, "b"), write(1, 8, "", "a"), write(2, 7, "a", "b"))).isTrue();
    assertThat(holds(read(0, 9, "a"), read(0, 9, "b"), write(1, 8, "", "a"), write(2, 7, "a", "b")))
        .isTrue();
  }

  @Test
  void holds_staleRead_isSeen() {
    assertThat(holds(write(0, 1, "", "a"), write(2, 3, "a", "b"), read(4, 5, "a"))).isFalse();
  }

  @Test
  void holds_lostUpdate_isSeen() {
    assertThat(holds(write(0, 5, "", "a"), write(1, 6, "", "b"), read(7, 8, "b"))).isFalse();
  }

  @Test
  void holds_writeLostAfterItsAcknowledgement_isSeen() {
    assertThat(holds(write(0, 1, "", "a"), read(2, 3, ""))).isFalse();
  }

  @Test
  void holds_readsGoBack_isSeen() {
    assertThat(holds(write(0, 9, "", "a"), read(1, 2, "a"), read(3, 4, ""))).isFalse();
  }

  @Test
  void holds_unheardOf_mayHaveTakenPlaceOrNot() {
    long never = Linearizability.NEVER;
    assertThat(holds(write(0, never, "", "a"), read(2, 3, ""), read(4, 5, "a"))).isTrue();
    assertThat(holds(write(0, never, "", "a"), read(2, 3, ""))).isTrue();
    assertThat(holds(write(0, never, "", "a"), read(2, 3, "a"), read(4, 5, ""))).isFalse();
  }
}
