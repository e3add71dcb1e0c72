package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.router.config.KeyHash;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdminKeysTest {
  @Test
  void check_noKeyConfigured_isClosedAndSaysWhatIsMissing() {
    assertThatThrownBy(() -> new AdminKeys(List.of()).check("Bearer anything"))
        .isInstanceOfSatisfying(AdminException.class, e -> assertThat(e.status()).isEqualTo(403))
        .hasMessageContaining("admin.keys");
  }

  @Test
  void check_knownKey_isNamedByItsHash() {
    AdminKeys keys = new AdminKeys(List.of(KeyHash.of("secret")));

    assertThat(keys.check("bearer secret")).isEqualTo(KeyHash.of("secret").substring(0, 8));
  }

  @Test
  void check_otherKeyOrOtherScheme_isUnauthorized() {
    AdminKeys keys = new AdminKeys(List.of(KeyHash.of("secret")));
    for (String header : List.of("Bearer other", "Basic secret", "secret", "Bearer ")) {
      assertThatThrownBy(() -> keys.check(header))
          .isInstanceOfSatisfying(AdminException.class, e -> assertThat(e.status()).isEqualTo(401))
          .hasMessageNotContaining("other");
    }
    assertThatThrownBy(() -> keys.check(null)).isInstanceOf(AdminException.class);
  }
}
