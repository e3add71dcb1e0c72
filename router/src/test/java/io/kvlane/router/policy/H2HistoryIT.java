package io.kvlane.router.policy;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2HistoryIT extends HistoryContract {
  @TempDir private Path directory;

  @Override
  String newDatabase() {
    return "jdbc:h2:file:" + directory.resolve("policies");
  }
}
