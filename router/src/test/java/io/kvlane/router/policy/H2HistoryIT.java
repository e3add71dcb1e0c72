package io.kvlane.router.policy;

import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@EnabledIfSystemProperty(
    named = "kvlane.h2.histories",
    matches = "true",
    disabledReason =
        "open defect: now and then H2 stays closed after a router's pool was closed in the middle"
            + " of a call, and most operations find no store; -Dkvlane.h2.histories=true runs it")
class H2HistoryIT extends HistoryContract {
  @TempDir private Path directory;

  @Override
  String newDatabase() {
    return "jdbc:h2:file:" + directory.resolve("policies");
  }
}
