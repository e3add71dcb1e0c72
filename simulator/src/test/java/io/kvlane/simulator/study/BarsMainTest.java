package io.kvlane.simulator.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.rival.Rivals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BarsMainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int decision(Policies policies, String arguments) {
    out.reset();
    PrintStream errors = new PrintStream(err, true, UTF_8);
    return BarsMain.run(
        policies,
        new PrintStream(out, true, UTF_8),
        errors,
        new Progress(errors, false, () -> 0),
        arguments.split(" "));
  }

  @Test
  void grid_eachCellALine_thenTheTotals(@TempDir Path folder) throws Exception {
    int status =
        decision(
            Policies.ALL,
            "--fleet 1x8 --workload kimi,shared --cache 400000,3000000 --load 0.8"
                + " --policy lmetric,round-robin --requests 150 --threads 2 --out "
                + folder);

    assertThat(err.toString(UTF_8)).contains(" runs, ");
    assertThat(status).isZero();
    assertThat(out.toString(UTF_8).lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("TROUBLE kimi: skipped, there is no trace (--trace FILE)"),
            line -> assertThat(line).matches("shared +8 +400000 0.80 .*(WIN|near|LOSS)"),
            line -> assertThat(line).matches("shared +8 +3000000 0.80 .*(WIN|near|LOSS)"),
            line -> assertThat(line).matches("EVEN shared +8 .*of one pooled cache.*"),
            line -> assertThat(line).startsWith("2 cells: best or within 3 %"),
            line -> assertThat(line).startsWith("at load 0.80, cache 3000000: max/mean"),
            line -> assertThat(line).isEqualTo("not measured: 1, see above"));
    assertThat(Files.readAllLines(folder.resolve("rows.csv"))).hasSize(1 + 2 * 3);
    assertThat(folder.resolve("cells.md"))
        .content(UTF_8)
        .contains("| shared | 8 | 400000 | 0.80 |")
        .contains("- kimi: skipped");
  }

  @Test
  void grid_rivalThatThrows_isToldWithItsCellAndTheOthersGoOn() {
    RoutingPolicy broken =
        (request, forwarded, view) -> {
          throw new IllegalStateException("out of ideas");
        };
    Policies policies =
        new Policies(
            name ->
                name.equals("broken")
                    ? (spec, region, router, seed) -> broken
                    : Policies.ALL.fresh(name),
            List.of("kvlane", "round-robin", "broken"));

    int status =
        decision(
            policies,
            "--fleet 1x8 --workload shared --cache 400000 --load 0.8 --requests 100 --threads 1");

    assertThat(status).isZero();
    assertThat(out.toString(UTF_8))
        .contains("TROUBLE shared 8: cache 400000, ")
        .contains("broken, seed 1: java.lang.IllegalStateException: out of ideas")
        .contains("round-robin")
        .contains("1 cells");
  }

  @Test
  void constants_eachValueALine() {
    int status =
        decision(
            Policies.ALL,
            "--constants --fleet 1x8 --workload kimi,shared --cache 400000 --load 0.8"
                + " --requests 150 --threads 2");

    assertThat(status).isZero();
    assertThat(out.toString(UTF_8).lines())
        .startsWith(
            "kimi: left out, there is no trace (--trace FILE)",
            "| constant | value | shared 0.80 | all |")
        .anyMatch(line -> line.matches("\\| as they are.* \\| \\| \\d+; 0\\.\\d{3} \\| 1 \\|"))
        .anyMatch(
            line ->
                line.matches(
                    "\\| Homes: evidence \\| 2, not 8 \\| [0-9.]+; [+-]0\\.\\d{3} \\| [0-9.]+"
                        + " \\|"));
  }

  @Test
  void policies_kvlaneComesFirst() {
    assertThat(Policies.ALL.names().getFirst()).isEqualTo("kvlane");
    assertThat(Policies.ALL.names()).hasSize(1 + Rivals.names().size()).containsAll(Bars.PANEL);
    assertThat(Policies.ALL.fresh("kvlane")).isNotSameAs(Policies.ALL.fresh("kvlane"));
  }

  @Test
  void commandLineIsWrong_exitStatus2() {
    assertThat(decision(Policies.ALL, "--fleet 2x2")).isEqualTo(2);
    assertThat(decision(Policies.ALL, "--policy best")).isEqualTo(2);
    assertThat(decision(Policies.ALL, "--load 0")).isEqualTo(2);
    assertThat(decision(Policies.ALL, "--trace nowhere")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("--fleet: 2x2 (expected: some of 1x8, 3x4, all)");
  }
}
