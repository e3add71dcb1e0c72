package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2CrashIT extends CrashContract {
  @TempDir private Path directory;

  @Override
  String newDatabase() {
    return "jdbc:h2:file:" + directory.resolve("policies");
  }

  @Test
  @DisplayName(
      "CAP-6: kill -9 of a process that has run for longer than H2 keeps what it has freed")
  void writerDies_afterSpaceWasFreed_nothingAcknowledgedIsLost() throws Exception {
    String url = newDatabase();
    for (int round = 0; round < 2; round++) {
      // 45 s if nothing is said; what is acknowledged later than that was lost.
      String said = child(SlowWriter.class, url + ";RETENTION_TIME=1000");
      try (PolicyStore store = PolicyStore.open(url, "", "", InstantSource.system())) {
        assertThat(said.lines().filter(line -> line.startsWith(CrashWriter.ACKNOWLEDGED)))
            .last()
            .isEqualTo(CrashWriter.ACKNOWLEDGED + ' ' + store.head() + '.');
        assertThat(store.verifyAudit().problem()).isEmpty();
      }
    }
  }
}
