package io.kvlane.simulator.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AzureTraceTest {
  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n";
  private static final String FIRST = "2023-11-16 18:15:46.6805900,374,44\r\n";

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("t.csv"), text);
  }

  @Test
  void read_asPublished_arrivalsFromTheFirst() throws IOException {
    Path file = file(HEADER + FIRST + "2023-11-16 18:15:50.9951690,396,109");

    assertThat(AzureTrace.read(file, 10))
        .containsExactly(
            new AzureTrace.Arrival(0, 374, 44), new AzureTrace.Arrival(4_314_579_000L, 396, 109));
    assertThat(AzureTrace.read(file, 1)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          18:15:50,1,1                        | t.csv:3: TIMESTAMP: expected like
          2023-11-16 18:15:50.9951690,1       | t.csv:3: expected three fields
          2023-11-16 18:15:50.9951690,-1,1    | t.csv:3: ContextTokens: expected
          2023-11-16 18:15:50.9951690,1,many  | t.csv:3: GeneratedTokens: expected
          2023-11-16 18:15:40.0000000,1,1     | t.csv:3: TIMESTAMP: expected the lines in order
          """)
  void read_wrongLine_namesIt(String line, String message) throws IOException {
    Path file = file(HEADER + FIRST + line);

    assertThatThrownBy(() -> AzureTrace.read(file, 10)).hasMessageContaining(message);
  }

  @Test
  void read_otherHeader_saysWhatWasExpected() throws IOException {
    Path file = file("time,tokens\n");

    assertThatThrownBy(() -> AzureTrace.read(file, 10)).hasMessageContaining("t.csv:1: expected");
  }
}
