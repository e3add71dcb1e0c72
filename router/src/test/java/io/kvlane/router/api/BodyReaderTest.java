package io.kvlane.router.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class BodyReaderTest {
  private final BodyBudget budget = new BodyBudget(10_000);

  private static Buffer bytes(int count) {
    return Buffer.buffer(new byte[count]);
  }

  @Test
  void add_allThatWasAnnounced_takesNoMoreThanThat() {
    var reader = new BodyReader(budget, 8_000, 300);

    assertThat(reader.add(bytes(300))).isNull();

    assertThat(reader.length()).isEqualTo(300);
    assertThat(budget.taken()).isEqualTo(300);
    reader.release();
    assertThat(budget.taken()).isZero();
  }

  @Test
  void add_moreIsAnnounced_takesNoMoreThanWhatHasComeNeeds() {
    var reader = new BodyReader(budget, 8_000, 7_000);

    assertThat(reader.add(bytes(10))).isNull();
    assertThat(budget.taken()).isEqualTo(4_096);
    for (int i = 0; i < 699; i++) {
      assertThat(reader.add(bytes(10))).isNull();
    }

    assertThat(reader.length()).isEqualTo(7_000);
    assertThat(budget.taken()).isLessThanOrEqualTo(8_000);
  }

  @Test
  void add_lengthIsNotSaid_growsUpToTheBound() {
    var reader = new BodyReader(budget, 8_000, -1);

    assertThat(reader.add(bytes(8_000))).isNull();
    assertThat(reader.add(bytes(1))).isNotNull();
  }
}
