package io.kvlane.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.config.ConfigLoader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterMainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(String... args) {
    return RouterMain.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @Test
  void config_printReference_printsIt() {
    assertThat(run("config", "--print-reference")).isZero();
    assertThat(out.toString()).isEqualTo(ConfigLoader.reference());
  }

  @Test
  void config_checkOfAValidFile_saysSo() throws IOException {
    Path file = Files.writeString(folder.resolve("router.yaml"), "region: here\n");

    assertThat(run("config", "--check", file.toString())).isZero();
    assertThat(out.toString()).contains("router.yaml is valid");
  }

  @Test
  void config_checkOfAWrongFile_namesTheKey() throws IOException {
    Path file =
        Files.writeString(folder.resolve("router.yaml"), "region: here\nlisten: {prt: 1}\n");

    assertThat(run("config", "--check", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("router.yaml:2: listen.prt: unknown key");
  }

  @Test
  void run_withoutFile_isRefused() {
    assertThat(run("run", "--config", folder.resolve("none.yaml").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("none.yaml: cannot be read");
  }
}
