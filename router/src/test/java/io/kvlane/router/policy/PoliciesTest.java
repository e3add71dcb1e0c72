package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  @TempDir private Path directory;

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

  private Path file() {
    return directory.resolve("last-good.json");
  }

  private Policies load() {
    return Policies.load(file(), Policy.DEFAULTS, new Validator(() -> Samples.REGIONS), now::get);
  }

  private static State revision(long number, String... policies) {
    return new State(number, ("" + number).repeat(64), Samples.state(policies).content());
  }

  private static final String P = "{'id':'p','priority':7,'consistency':'CP'}";

  @Test
  void load_nothingSaved_servesTheBuiltInDefault() {
    Policies policies = load();
    assertThat(policies.current().revision()).isZero();
    assertThat(policies.current().policies()).extracting(Policy::id).containsExactly("default");
    assertThat(policies.status().problem()).isEmpty();
  }

  @Test
  @DisplayName("CAP-5: after a restart without the store the last good revision is served, aged")
  void load_restartWithoutStore_servesTheLastGood() {
    load().apply(revision(3, P));
    now.set(NOW.plus(Duration.ofHours(25)));
    Policies policies = load();
    assertThat(policies.current().revision()).isEqualTo(3);
    assertThat(policies.current().policies())
        .extracting(Policy::id)
        .containsExactly("p", "default");
    assertThat(policies.status().configAge()).isEqualTo(Duration.ofHours(25));
    policies.apply(revision(3, P));
    assertThat(policies.status().configAge()).isZero();
  }

  @Test
  @DisplayName("CAP-5: a revision that is not valid here is refused as a whole, and said so")
  void apply_notValidHere_keepsTheOldOne() {
    Policies policies = load();
    policies.apply(revision(3, P));
    String mars = "{'id':'q','priority':8,'consistency':'CP','regionOrder':['mars']}";
    assertThat(policies.apply(revision(4, P, mars))).isFalse();
    assertThat(policies.current().revision()).isEqualTo(3);
    assertThat(policies.status().problem())
        .startsWith("revision 4 is not valid here: policies/q/regionOrder/0: unknown region");
    assertThat(load().current().revision()).isEqualTo(3);
    assertThat(policies.apply(revision(5, P))).isTrue();
    assertThat(policies.status()).isEqualTo(new Policies.Status(5, Duration.ZERO, 0, ""));
  }

  @Test
  @DisplayName("ADM-9: no step back to an older revision, also over a restart")
  void apply_older_isRefused() {
    load().apply(revision(5, P));
    Policies policies = load();
    assertThat(policies.apply(revision(4))).isFalse();
    assertThat(policies.current().revision()).isEqualTo(5);
  }

  @Test
  @DisplayName("ADM-9: a store with another history is seen, and what is served stays")
  void lost_storeHasLostWhatIsServed_isSaidAndChangesNothing() {
    Policies policies = load();
    State served = revision(5, P);
    policies.apply(served);
    State restored = revision(3);
    State other = new State(5, "e".repeat(64), restored.content());

    assertThat(policies.apply(restored)).isFalse();
    assertThat(policies.apply(other)).isFalse();
    assertThat(policies.status().refused()).isZero();
    policies.lost(restored);
    assertThat(policies.status().refused()).isEqualTo(3);
    assertThat(policies.status().problem()).contains("behind 5");
    policies.lost(other);
    assertThat(policies.status().refused()).isEqualTo(5);
    assertThat(policies.status().problem()).contains("another revision 5");
    assertThat(policies.state()).isEqualTo(served);

    assertThat(policies.apply(served)).isTrue();
    assertThat(policies.status()).isEqualTo(new Policies.Status(5, Duration.ZERO, 0, ""));
  }

  @Test
  void unreadable_newer_isRefusedAsWhatIsNotValid() {
    Policies policies = load();
    policies.apply(revision(5, P));
    policies.unreadable(4, "old");
    assertThat(policies.status().refused()).isZero();
    policies.unreadable(6, "/resources: a kind that is not known here");
    assertThat(policies.status().refused()).isEqualTo(6);
    assertThat(policies.status().problem()).contains("revision 6 cannot be read here", "a kind");
    assertThat(policies.current().revision()).isEqualTo(5);
    assertThat(policies.apply(revision(7, P))).isTrue();
    assertThat(policies.status().refused()).isZero();
  }

  @Test
  @DisplayName("Kill -9 at every step of a router's apply: the old revision or the new one")
  void load_whateverASavingLeftBehind_isOldOrNew() throws Exception {
    load().apply(revision(2, P));
    byte[] old = Files.readAllBytes(file());
    load().apply(revision(3));
    byte[] young = Files.readAllBytes(file());
    Files.write(file(), old);
    Path draft = directory.resolve("last-good.json.new");
    for (int length = 0; length <= young.length; length += 7) {
      Files.write(draft, Arrays.copyOf(young, length));
      assertThat(load().current().revision()).isEqualTo(2);
    }
    assertThat(load().apply(revision(4, P))).isTrue();
    assertThat(load().current().revision()).isEqualTo(4);
  }

  @Test
  void load_damagedFile_isNeverTakenForARevision() throws Exception {
    load().apply(revision(2, P));
    byte[] good = Files.readAllBytes(file());
    for (int at = 0; at < good.length; at += 7) {
      byte[] cut = Arrays.copyOf(good, at);
      Files.write(file(), cut);
      assertThat(load().current().revision()).as("cut at %d", at).isZero();
      byte[] flipped = good.clone();
      flipped[at] ^= 1;
      Files.write(file(), flipped);
      assertThat(load().current().revision()).as("flipped at %d", at).isZero();
      assertThat(load().status().problem()).isNotEmpty();
    }
  }

  @Test
  void load_savedRegionIsGone_startsAfresh() {
    load().apply(revision(2, "{'id':'p','priority':7,'consistency':'CP','regionOrder':['ap']}"));
    Policies policies =
        Policies.load(file(), Policy.DEFAULTS, new Validator(() -> Set.of("eu")), now::get);
    assertThat(policies.current().revision()).isZero();
    assertThat(policies.status().problem()).contains("not valid here");
  }
}
