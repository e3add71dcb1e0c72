package io.kvlane.router.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Something that relays to the mock engine, or the engine itself.
 *
 * @param name its name in the report
 * @param port where it listens on 127.0.0.1
 * @param pids its processes, whose children count too; empty if its CPU is not of interest
 */
record Contender(String name, int port, List<Long> pids) {
  /** Parses {@code name=port} or {@code name=port/pid[/pid...]}. */
  static Contender parse(String text) {
    try {
      String[] sides = text.split("=", 2);
      String[] numbers = sides[1].split("/", -1);
      List<Long> pids = Stream.of(numbers).skip(1).map(Long::valueOf).toList();
      return new Contender(sides[0], Integer.parseInt(numbers[0]), pids);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "a contender is name=port[/pid...], not '%s'".formatted(text), e);
    }
  }

  /**
   * User and system time that its process trees have spent, over all threads; in steps of the
   * kernel's clock tick (10 ms on Linux).
   */
  Duration cpu() {
    return pids.stream()
        .map(
            pid ->
                ProcessHandle.of(pid)
                    .orElseThrow(
                        () -> new IllegalStateException("%s: no process %d".formatted(name, pid))))
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }
}
