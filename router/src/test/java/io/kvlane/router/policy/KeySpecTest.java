package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeySpecTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final String END = "2026-11-24T20:00:00Z";
  private static final String FIRST = "a".repeat(64);
  private static final String SECOND = "b".repeat(64);
  private static final String THIRD = "c".repeat(64);

  private static final KeySpec KEY =
      new KeySpec("ci", "", KeySpec.Role.OPERATOR, List.of(), List.of(), END, KeySpec.Rotation.NONE)
          .rotated(FIRST, END, NOW, NOW);

  private static Instant in(long seconds) {
    return NOW.plusSeconds(seconds);
  }

  @Test
  void secret_opensUntilTheKeyEnds() {
    assertThat(KEY.opens(FIRST, NOW)).isTrue();
    assertThat(KEY.opens(SECOND, NOW)).isFalse();
    assertThat(KEY.opens("", NOW)).isFalse();
    assertThat(KEY.opens(FIRST, Instant.parse(END).minusMillis(1))).isTrue();
    assertThat(KEY.opens(FIRST, Instant.parse(END))).isFalse();
  }

  @Test
  void rotation_letsTheSecretBeforeOpenUntilTheOverlapEnds() {
    KeySpec next = KEY.rotated(SECOND, END, in(60), NOW);

    assertThat(next.rotation().generation()).isEqualTo(2);
    assertThat(next.opens(FIRST, in(59))).isTrue();
    assertThat(next.opens(FIRST, in(60))).isFalse();
    assertThat(next.opens(SECOND, in(60))).isTrue();
    assertThat(next.rotated(THIRD, END, in(60), in(1)).opens(FIRST, in(1))).isFalse();
  }

  @Test
  void rotation_withoutOverlap_endsTheSecretBeforeAtOnce() {
    KeySpec next = KEY.rotated(SECOND, END, NOW, NOW);

    assertThat(next.opens(FIRST, NOW)).isFalse();
    assertThat(next.rotation().previousUntil()).isEmpty();
    assertThat(next.rotation().previousHash()).isEqualTo(KeySpec.Hash.NONE);
  }

  @Test
  void rotation_withALaterEnd_doesNotLengthenTheLifeOfTheSecretBefore() {
    String later = "2027-11-24T20:00:00Z";
    Instant end = Instant.parse(END);

    assertThat(KEY.rotated(SECOND, later, in(1_000_000), NOW).opens(FIRST, end)).isFalse();
    KeySpec expired = KEY.rotated(SECOND, later, end.plusSeconds(60), end);
    assertThat(expired.opens(FIRST, end)).isFalse();
    assertThat(expired.opens(SECOND, end)).isTrue();
  }

  @Test
  void hash_isStored_butNotShown() throws Exception {
    KeySpec key = KEY.rotated(SECOND, END, in(60), NOW);
    String shown = "" + ResourceJson.tree(key) + new ObjectMapper().writeValueAsString(key) + key;
    assertThat(shown).contains("ci").doesNotContain(FIRST, SECOND);
    assertThat(ResourceJson.text(key)).contains(FIRST, SECOND);
  }

  @Test
  void key_travelsToOtherRoutersWithItsHash() throws Exception {
    var resources = new TreeMap<ResourceKey, Content.Item>();
    resources.put(KEY.key(), new Content.Item(KEY, ResourceJson.text(KEY), 7));
    resources.putAll(Policies.builtIn(Policy.DEFAULTS).content().resources());
    var state = new State(7, "0".repeat(64), new Content(resources));

    State read = StateText.read(StateText.write(state));

    assertThat(read).isEqualTo(state);
    var snapshot = new PolicySnapshot(read.revision(), read.content());
    assertThat(snapshot.key(FIRST, NOW)).contains(KEY);
    assertThat(snapshot.key(FIRST, Instant.parse(END))).isEmpty();
    assertThat(snapshot.key(SECOND, NOW)).isEmpty();
  }
}
