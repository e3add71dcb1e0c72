package io.kvlane.router.policy;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2PolicyStoreTest extends PolicyStoreContract {
  @TempDir private Path directory;
  private int databases;

  @Override
  String newDatabase() {
    return "jdbc:h2:file:" + directory.resolve("policies-" + databases++);
  }
}
