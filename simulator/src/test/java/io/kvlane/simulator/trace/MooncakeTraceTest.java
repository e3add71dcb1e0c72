package io.kvlane.simulator.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MooncakeTraceTest {
  @TempDir private Path folder;

  @Test
  void read_equalStamps_spreadsThemOverTheStep() throws IOException {
    Path file = file(line(0, 600, "0,1"), line(0, 10, "0"), line(3000, 10, "0"));

    List<TraceRequest> requests = MooncakeTrace.read(file, 3);

    assertThat(requests).extracting(TraceRequest::atMillis).containsExactly(0L, 1500L, 3000L);
    assertThat(requests.getFirst().tokensIn(0)).isEqualTo(512);
    assertThat(requests.getFirst().tokensIn(1)).isEqualTo(88);
  }

  @Test
  void read_limitInsideAStep_spreadsAsTheWholeTraceDoes() throws IOException {
    Path file = file(line(0, 10, "0"), line(3000, 10, "0"), line(6000, 10, "0"));

    assertThat(MooncakeTrace.read(file, 1)).hasSize(1);
  }

  @Test
  void read_wrongNumberOfIds_namesTheLine() throws IOException {
    Path file = file(line(0, 10, "0"), line(0, 600, "0"));

    assertThatThrownBy(() -> MooncakeTrace.read(file, 10))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(":2: hash_ids");
  }

  @Test
  void read_noJson_namesTheLine() throws IOException {
    Path file = file("hello");

    assertThatThrownBy(() -> MooncakeTrace.read(file, 10)).hasMessageContaining(":1: not valid");
  }

  private static String line(long stamp, int input, String ids) {
    return "{\"timestamp\":%d,\"input_length\":%d,\"output_length\":5,\"hash_ids\":[%s]}"
        .formatted(stamp, input, ids);
  }

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("trace.jsonl"), List.of(lines));
  }
}
