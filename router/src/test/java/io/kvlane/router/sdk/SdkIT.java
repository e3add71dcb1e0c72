package io.kvlane.router.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.e2e.Fleet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the checks are stands in {@code src/test/sdk}; here is the region that they run against. */
@DisplayName("Unmodified OpenAI and Anthropic SDKs work, streamed and not")
final class SdkIT {
  @TempDir static Path folder;

  private static Fleet fleet;

  @BeforeAll
  static void start() throws Exception {
    // Known before it starts: a start that fails half-way is ended too.
    fleet = new Fleet(folder, 2, 1, "tokens", List.of("--time-scale", "20"));
    fleet.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (fleet != null) {
      fleet.close();
    }
  }

  @Test
  @DisplayName("API-1, API-5, API-6 as the OpenAI and Anthropic SDKs for Python see them")
  void python_allChecks_pass() throws Exception {
    assertPasses(Sdk.python());
  }

  @Test
  @DisplayName("API-1, API-5, API-6 as the OpenAI SDK for Node sees them")
  void node_allChecks_pass() throws Exception {
    assertPasses(Sdk.node());
  }

  private static void assertPasses(Sdk sdk) throws Exception {
    Sdk.Run run = sdk.check(fleet.router(1), Fleet.MODEL);
    System.out.println(run.output());
    assertThat(run.exitCode()).as(run.output()).isZero();
  }
}
