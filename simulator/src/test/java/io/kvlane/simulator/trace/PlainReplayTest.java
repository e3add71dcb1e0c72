package io.kvlane.simulator.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class PlainReplayTest {
  private static final double ROUNDING = 0.0005;

  @Test
  void hitRatio_infiniteCache_countsThePartialLastBlockByItsTokens() {
    TraceRequest request = new TraceRequest(0, 700, 1, new int[] {0, 1});

    assertThat(PlainReplay.hitRatio(List.of(request, request), 1, Long.MAX_VALUE)).isEqualTo(0.5);
  }

  @Test
  void hitRatio_fullCache_losesTheEndOfTheOldestPromptFirst() {
    TraceRequest old = new TraceRequest(0, 1024, 1, new int[] {0, 1});
    TraceRequest other = new TraceRequest(0, 512, 1, new int[] {2});

    assertThat(PlainReplay.hitRatio(List.of(old, other, old), 1, 1024))
        .isEqualTo(512.0 / (1024 + 512 + 1024));
  }

  @Test
  void hitRatio_roundRobin_sharesNothing() {
    TraceRequest request = new TraceRequest(0, 512, 1, new int[] {0});

    assertThat(PlainReplay.hitRatio(List.of(request, request, request), 2, Long.MAX_VALUE))
        .isEqualTo(1.0 / 3);
  }

  /** The figures of the acceptance line, and the whole trace's ceiling as published. */
  @Test
  void hitRatio_mooncakeConversation_isAsPublished() throws IOException {
    Path file =
        Path.of(System.getProperty("kvlane.shared", ""))
            .resolve("data/traces/mooncake_conversation.jsonl.gz");
    Assumptions.assumeTrue(Files.isRegularFile(file), "no trace at " + file + ": skipped");
    List<TraceRequest> all = MooncakeTrace.read(file, Integer.MAX_VALUE - 1);
    List<TraceRequest> slice = all.subList(0, 2000);

    assertThat(all).hasSize(12_031);
    assertThat(PlainReplay.hitRatio(all, 1, Long.MAX_VALUE)).isCloseTo(0.374, within(ROUNDING));
    assertThat(PlainReplay.hitRatio(slice, 1, 12_000_000)).isCloseTo(0.283, within(ROUNDING));
    assertThat(PlainReplay.hitRatio(slice, 4, 3_000_000)).isCloseTo(0.119, within(ROUNDING));
  }
}
