package io.kvlane.router.telemetry.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.Timeline;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RingTest {
  private static final int CHUNK = 1 << 16;

  private static Entry begin(Ring ring, long arrivedMillis, String model) {
    var headers = new KnownHeaders(List.of(new KnownHeaders.Asked("x-workload", "batch-*")), 1, 1);
    var subject =
        new Subject(
            "req-" + arrivedMillis,
            "",
            false,
            model,
            "acme",
            "/v1/chat/completions",
            "p",
            7,
            "AP",
            headers,
            Set.of("eu", "us"));
    return new Entry(ring, subject, new Timeline(), arrivedMillis);
  }

  private static Entry ended(Ring ring, long arrivedMillis, String model, int keys) {
    Entry entry = begin(ring, arrivedMillis, model);
    long[] chain = IntStream.range(0, keys).mapToLong(k -> arrivedMillis << 32 | k).toArray();
    var features = new Reasons.Features(1_000, 16, chain);
    var why = new Reasons(Reasons.Ground.RESIDENCY, null, List.of(), List.of(), features);
    entry.refused(503, "no-allowed-region", why);
    return entry;
  }

  private static List<Long> arrivals(Ring ring) {
    return ring.newest().map(Entry.Seen::arrivedMillis).toList();
  }

  @Test
  void newest_keepsNoMoreThanSoMany() {
    Ring ring = new Ring(3, CHUNK);
    for (int i = 0; i < 10; i++) {
      ended(ring, i, "demo", 1);
    }

    assertThat(arrivals(ring)).containsExactly(9L, 8L, 7L);
    assertThat(ring.size()).isEqualTo(3);
  }

  @Test
  void newest_keepsNoMoreThanSoManyBytes() {
    Ring ring = new Ring(1_000, 3 * CHUNK);
    for (int i = 0; i < 100; i++) {
      ended(ring, i, "demo", 2_000);
      assertThat(ring.bytes()).isLessThanOrEqualTo(3 * CHUNK);
    }

    // Of 16 kB each, twelve less the room that a thirteenth needs.
    assertThat(arrivals(ring)).hasSizeBetween(11, 12).startsWith(99L, 98L);
  }

  @Test
  void read_acrossChunksAndRounds_isWhatWasWritten() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Ring ring = new Ring(40, 2 * CHUNK);
    for (int i = 1; i <= 500; i++) {
      int keys = random.nextInt(2_000);
      String model = "m".repeat(random.nextInt(200)) + "\u00e9";
      ended(ring, i, model, keys);

      Entry.Seen seen = ring.read(i).orElseThrow();
      assertThat(seen.arrivedMillis()).isEqualTo(i);
      assertThat(seen.subject().model()).isEqualTo(model);
      assertThat(seen.subject().regions()).containsExactlyInAnyOrder("eu", "us");
      assertThat(seen.subject().headers())
          .isEqualTo(begin(ring, i, model).seen().orElseThrow().subject().headers());
      assertThat(seen.reasons().features().chain()).hasSize(keys);
      List<Long> kept = arrivals(ring);
      assertThat(kept)
          .isNotEmpty()
          .isEqualTo(
              IntStream.range(0, kept.size()).mapToObj(back -> kept.getFirst() - back).toList());
    }
  }

  @Test
  void end_tooLongForAllOfTheRoom_isMissing() {
    Ring ring = new Ring(10, CHUNK);
    ended(ring, 1, "demo", 1);
    Entry long1 = ended(ring, 2, "demo", 10_000);
    ended(ring, 3, "demo", 1);

    assertThat(arrivals(ring)).containsExactly(3L, 1L);
    assertThat(long1.seen()).isEmpty();
  }

  @Test
  void open_isShownUntilItsRecordIs() {
    Ring ring = new Ring(3, CHUNK);
    Entry slow = begin(ring, 1, "demo");
    ring.open(slow);
    for (int i = 10; i < 20; i++) {
      ended(ring, i, "demo", 1);
    }
    assertThat(arrivals(ring)).containsExactly(1L, 19L, 18L, 17L);

    slow.over(Route.Usage.UNKNOWN);
    slow.file();

    assertThat(arrivals(ring)).containsExactly(1L, 19L, 18L);
    assertThat(ring.size()).isEqualTo(3);
  }

  @Test
  void since_tellsWhatEndedAndHowManyAreGone() {
    Ring ring = new Ring(3, CHUNK);
    assertThat(ring.since(-1).last()).isZero();
    for (int i = 1; i <= 10; i++) {
      ended(ring, i, "demo", 1);
    }

    Ring.Since since = ring.since(0);

    assertThat(since).isEqualTo(new Ring.Since(8, 10, 7));
    assertThat(ring.read(8).orElseThrow().arrivedMillis()).isEqualTo(8);
    assertThat(ring.read(7)).isEmpty();
    assertThat(ring.since(10)).isEqualTo(new Ring.Since(11, 10, 0));
  }
}
