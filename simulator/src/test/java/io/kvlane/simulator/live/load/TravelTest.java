package io.kvlane.simulator.live.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.simulator.trace.TraceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TravelTest {
  private static final int REGIONS = 3;

  @Test
  void region_withoutRoaming_isTheSessionsHome() {
    Travel travel = new Travel(0, 1);

    assertThat(IntStream.range(0, 50).map(i -> travel.region(REGIONS, 4, i))).containsOnly(1);
    assertThat(IntStream.range(0, 6).map(i -> travel.region(REGIONS, i, 0)))
        .containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void region_roaming_isAnotherForThatShare_allAlike() {
    int[] count = count(new Travel(0.3, 7));

    assertThat(count[1]).isBetween(6_800, 7_200);
    assertThat(count[0]).isBetween(1_350, 1_650);
    assertThat(count[2]).isBetween(1_350, 1_650);
    assertThat(count(new Travel(0.3, 7))).isEqualTo(count);
  }

  /** Where 10,000 requests of 100 sessions go that are all at home in region 1. */
  private static int[] count(Travel travel) {
    int[] count = new int[REGIONS];
    for (int session = 1; session < 300; session += REGIONS) {
      for (int i = 0; i < 100; i++) {
        count[travel.region(REGIONS, session, i)]++;
      }
    }
    return count;
  }

  @Test
  void traceSessions_areTheFirstBlockThatFewHave() {
    List<TraceRequest> requests = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      requests.add(new TraceRequest(i, 1536, 1, new int[] {0, 10 + i / 3, 1000 + i}));
    }
    TraceRequest prompt = new TraceRequest(400, 512, 1, new int[] {0});
    requests.add(prompt);

    TraceSessions sessions = new TraceSessions(requests);

    assertThat(requests.subList(0, 4)).map(sessions::of).containsExactly(10L, 10L, 10L, 11L);
    assertThat(sessions.of(prompt)).isZero();
  }
}
