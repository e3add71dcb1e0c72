package io.kvlane.simulator.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomDrawsTest {
  @Test
  void totals_bestFixedRival_isTheOneWithTheBestMean() {
    DrawTotals totals =
        DrawTotals.of(
            List.of(
                Map.of("kvlane", 100.0, "steady", 100.0, "risky", 50.0),
                Map.of("kvlane", 100.0, "steady", 80.0, "risky", 400.0),
                Map.of("kvlane", 100.0, "steady", 125.0, "risky", 400.0)));

    assertThat(totals.rival()).isEqualTo("steady");
    assertThat(totals.draws()).isEqualTo(3);
    assertThat(totals.ratio()).isCloseTo(1, within(1e-9));
    assertThat(totals.worse()).isEqualTo(1);
  }

  @Test
  void totals_drawThatFailed_countsNot() {
    DrawTotals totals =
        DrawTotals.of(
            List.of(
                Map.of("kvlane", 50.0, "other", 100.0),
                Map.of("kvlane", 50.0, "other", Double.NaN),
                Map.of()));

    assertThat(totals.draws()).isEqualTo(1);
    assertThat(totals.ratio()).isEqualTo(0.5);
  }

  @Test
  void draws_sameSeed_areTheSame() {
    assertThat(Draw.next(new SplittableRandom(7), 100))
        .hasToString(Draw.next(new SplittableRandom(7), 100).toString());
  }

  @Test
  void run_printsEachDrawInOrder_whateverTheThreads() throws InterruptedException {
    String one = run(1);

    assertThat(one.lines())
        .hasSize(3)
        .satisfiesExactly(
            line -> assertThat(line).startsWith("1 ").contains("p95"),
            line -> assertThat(line).startsWith("2 ").contains("p95"),
            line -> assertThat(line).startsWith("2 draws: best fixed rival lmetric"));
    assertThat(run(2)).isEqualTo(one);
  }

  private static String run(int threads) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new RandomDraws(Policies.ALL, List.of("kvlane", "lmetric"), 60, Progress.NONE)
        .run(2, threads, new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8);
  }
}
