package io.kvlane.router.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class RelayReportTest {
  private static final Scenario BURST = new Scenario("burst", 32, 20, false, false);
  private static final Contender DIRECT = new Contender("direct", 1, List.of());
  private static final Contender RELAY = new Contender("relay", 2, List.of());

  @Test
  void json_threeRounds_hasTheMedianOfEachFigure() throws Exception {
    RelayReport report = new RelayReport();
    report.add(BURST, DIRECT, sample(1, Duration.ZERO, Map.of()));
    for (int millis : List.of(9, 2, 4)) {
      report.add(BURST, RELAY, sample(millis, Duration.ofMillis(millis), Map.of()));
    }

    JsonNode relay =
        new ObjectMapper().readTree(report.json(new ObjectMapper())).at("/scenarios/burst/relay");

    assertThat(relay.get("rounds").asInt()).isEqualTo(3);
    assertThat(relay.get("p50_ms").asDouble()).isEqualTo(4, Offset.offset(0.01));
    assertThat(relay.get("added_p50_ms").asDouble()).isEqualTo(3, Offset.offset(0.01));
    assertThat(relay.get("requests_per_second").asDouble()).isEqualTo(5);
    assertThat(relay.get("cpu_us_per_request").asDouble()).isEqualTo(400);
    assertThat(relay.get("cpu_us_per_chunk").asDouble()).isEqualTo(20);
  }

  @Test
  void errors_wrongAnswers_areAddedUpByReason() {
    RelayReport report = new RelayReport();
    report.add(BURST, RELAY, sample(1, Duration.ZERO, Map.of("status 502", 2L)));
    report.add(BURST, RELAY, sample(1, Duration.ZERO, Map.of("status 502", 1L)));

    assertThat(report.errors()).containsOnly(Map.entry("burst, relay: status 502", 3L));
  }

  @Test
  void parse_nameAlone_saysWhatWasExpected() {
    assertThatThrownBy(() -> Contender.parse("nginx"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a contender is name=port[/pid...], not 'nginx'");
  }

  @Test
  void cpu_processThatWorks_grows() {
    Contender self = Contender.parse("self=1/" + ProcessHandle.current().pid());
    Duration before = self.cpu();

    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }

    assertThat(self.cpu()).isGreaterThan(before);
  }

  /** Ten requests of 20 chunks in two seconds. */
  private static Sample sample(int millis, Duration cpu, Map<String, Long> errors) {
    Histogram latencies = new Histogram(3);
    latencies.recordValueWithCount(TimeUnit.MILLISECONDS.toNanos(millis), 10);
    return new Sample(Duration.ofSeconds(2), latencies, 200, cpu, errors);
  }
}
