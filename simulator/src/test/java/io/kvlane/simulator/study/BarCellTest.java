package io.kvlane.simulator.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.simulator.study.BarCell.Verdict;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BarCellTest {
  private static Row row(String policy, double load, double p95Ms, double attainment) {
    List<Double> ttft = Collections.nCopies(101, p95Ms);
    Summary run =
        new Summary(100, 0, 0, 0.5, 0.5, ttft, ttft, 1, attainment, attainment, 1.1, 0, 0, 0.5);
    return new Row("chat", "8", 1000, load, 2 * load, policy, List.of(run));
  }

  private static Row failed(String policy) {
    return new Row("chat", "8", 1000, 0.5, 1, policy, List.of());
  }

  private static BarCell only(Row... rows) {
    List<BarCell> cells = BarCell.of(List.of(rows));
    assertThat(cells).hasSize(1);
    return cells.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "99, 0.95, WIN",
    "99, 0.96, WIN",
    "99, 0.94, NEAR",
    "100, 0.95, NEAR",
    "102.9, 0.93, NEAR",
    "103.1, 0.95, LOSS",
    "50, 0.92, LOSS",
  })
  void verdict_againstTheBestOfEach(double p95Ms, double attainment, Verdict expected) {
    BarCell cell =
        only(
            row("quick", 0.5, 100, 0.9),
            row("kvlane", 0.5, p95Ms, attainment),
            row("steady", 0.5, 200, 0.95));

    assertThat(cell.rival()).isEqualTo("quick");
    assertThat(cell.bestAttainment()).isEqualTo(0.95);
    assertThat(cell.ratio()).isCloseTo(p95Ms / 100, within(1e-9));
    assertThat(cell.verdict()).isEqualTo(expected);
  }

  @Test
  void of_severalLoads_eachIsACell() {
    List<BarCell> cells =
        BarCell.of(
            List.of(
                row("kvlane", 0.5, 10, 1),
                row("other", 0.5, 20, 1),
                row("kvlane", 0.8, 40, 1),
                row("other", 0.8, 30, 1)));

    assertThat(cells).extracting(BarCell::rivalP95Ms).containsExactly(20.0, 30.0);
  }

  @Test
  void of_rivalFailed_isLeftOut() {
    assertThat(only(row("kvlane", 0.5, 10, 1), failed("a"), row("b", 0.5, 20, 1)).rival())
        .isEqualTo("b");
    assertThat(BarCell.of(List.of(row("kvlane", 0.5, 10, 1), failed("a")))).isEmpty();
  }

  @Test
  void verdict_kvlaneFailed_isALoss() {
    BarCell cell = only(failed("kvlane"), row("b", 0.5, 20, 1));

    assertThat(cell.verdict()).isEqualTo(Verdict.LOSS);
    assertThat(BarTotals.of(List.of(cell)).cells()).isEqualTo(1);
  }

  @Test
  void totals_countVerdictsAndAverageRatios() {
    BarTotals totals =
        BarTotals.of(
            List.of(
                only(row("kvlane", 0.5, 50, 1), row("b", 0.5, 100, 1)),
                only(row("kvlane", 0.5, 102, 1), row("b", 0.5, 100, 1)),
                only(row("kvlane", 0.5, 400, 1), row("b", 0.5, 100, 1))));

    assertThat(totals.cells()).isEqualTo(3);
    assertThat(totals.within()).isEqualTo(2);
    assertThat(totals.wins()).isEqualTo(1);
    assertThat(totals.ratio()).isCloseTo(Math.cbrt(0.5 * 1.02 * 4), within(1e-9));
  }
}
