package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.routing.Route;
import io.kvlane.router.upstream.EventStream.Opening;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventStreamTest {
  private static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}";
  private static final List<String> EVENTS =
      List.of(
          "data: {\"choices\":[{\"delta\":{\"content\":\"hällo\"}}]}",
          "data: {\"choices\":[{\"delta\":{}}],\"usage\":null}",
          "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}",
          "event: x\nid: 1\ndata: a\ndata: b",
          ": comment",
          "data:",
          "nonsense");

  private static String run(EventStream stream, String text, SplittableRandom cuts) {
    byte[] bytes = text.getBytes(UTF_8);
    int longest = cuts == null || cuts.nextBoolean() ? 40 : 400; // parts of events, or several
    Buffer out = Buffer.buffer();
    int from = 0;
    while (from < bytes.length) {
      int to =
          cuts == null ? bytes.length : Math.min(bytes.length, from + 1 + cuts.nextInt(longest));
      out.appendBuffer(stream.feed(Buffer.buffer().appendBytes(bytes, from, to - from)));
      from = to;
    }
    return out.appendBuffer(stream.finish()).toString(UTF_8);
  }

  @Property(tries = 500)
  void feed_cutAnywhere_givesAllButTheUsageEvent(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    var all = new StringBuilder();
    var kept = new StringBuilder();
    int count = random.nextInt(1, 12);
    for (int i = 0; i < count; i++) {
      boolean usage = random.nextInt(4) == 0;
      String end = List.of("\n\n", "\r\n\r\n", "\r\r").get(random.nextInt(3));
      String event = usage ? USAGE : EVENTS.get(random.nextInt(EVENTS.size()));
      String text = event.replace("\n", end.substring(0, end.length() / 2)) + end;
      all.append(text);
      if (!usage) {
        kept.append(text);
      }
    }
    boolean rest = random.nextBoolean();
    all.append(rest ? "data: {\"half" : "");
    kept.append(rest ? "data: {\"half" : "");

    assertThat(run(new EventStream(true, false), all.toString(), random))
        .isEqualTo(kept.toString());
    assertThat(run(new EventStream(false, false), all.toString(), random))
        .isEqualTo(all.toString());
  }

  @Test
  void feed_wholeEvents_passesTheSameBufferOn() {
    Buffer chunk = Buffer.buffer("data: 1\n\ndata: 2\n\n");

    assertThat(new EventStream(true, false).feed(chunk)).isSameAs(chunk);
  }

  @Test
  void feed_usageAmongWholeEvents_isTakenOut() {
    var stream = new EventStream(true, false);
    stream.feed(Buffer.buffer("data: 1\n\n"));

    assertThat(stream.feed(Buffer.buffer("data: 2\n\n" + USAGE + "\n\ndata: 3\n\n")))
        .hasToString("data: 2\n\ndata: 3\n\n");
    assertThat(stream.usage()).isEqualTo(new Route.Usage(9, -1, 2));
  }

  @Test
  void feed_halfEvent_holdsIt() {
    var stream = new EventStream(false, false);

    assertThat(stream.feed(Buffer.buffer("data: 1\n\ndata: 2"))).hasToString("data: 1\n\n");
    assertThat(stream.feed(Buffer.buffer("\n\n"))).hasToString("data: 2\n\n");
  }

  @Test
  void feed_eventWithoutEnd_isPassedOnBeyondTheLimit() {
    var stream = new EventStream(true, false);
    var parts = new ArrayList<String>();
    String piece = "x".repeat(100_000);
    long out = 0;
    for (int i = 0; i < 20; i++) {
      parts.add(piece);
      out += stream.feed(Buffer.buffer(piece)).length();
    }
    assertThat(out).isGreaterThan(EventStream.MAX_EVENT).isEqualTo(2_000_000);
    assertThat(stream.betweenEvents()).isFalse();
    assertThat(stream.feed(Buffer.buffer("\n\n" + USAGE + "\n\ndata: a\n\n")))
        .hasToString("\n\ndata: a\n\n");
    assertThat(stream.betweenEvents()).isTrue();
  }

  @Test
  void usage_anthropic_addsWhatTheCacheHeld() {
    var stream = new EventStream(false, false);
    run(
        stream,
        "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":3,"
            + "\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":20}}}\n\n"
            + "event: message_delta\ndata: {\"usage\":{\"output_tokens\":5}}\n\n",
        null);

    assertThat(stream.usage()).isEqualTo(new Route.Usage(33, 20, 5));
  }

  @Test
  void usage_responses_isThatOfTheCompletedEvent() {
    var stream = new EventStream(false, false);
    run(
        stream,
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":"
            + "{\"input_tokens\":8,\"input_tokens_details\":{\"cached_tokens\":4},"
            + "\"output_tokens\":2}}}\n\n",
        null);

    assertThat(stream.usage()).isEqualTo(new Route.Usage(8, 4, 2));
  }

  @Test
  void usage_inPromptText_isNotTaken() {
    var stream = new EventStream(true, false);
    String event =
        "data:"
            + " {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":1}\"}}]}\n\n";

    assertThat(run(stream, event, null)).isEqualTo(event);
    assertThat(stream.usage()).isEqualTo(Route.Usage.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        ": c                                                  | NOTHING_YET",
        "event: ping;data: {'type':'ping'}                    | NOTHING_YET",
        "data: {'x':1}                                        | CONTENT",
        "data: not json with 'error'                          | CONTENT",
        "data: {'error':{'type':'overloaded_error'}}          | BUSY",
        "data: {'error':{'code':429}}                         | BUSY",
        "data: {'error':{'code':503,'type':'x'}}              | FAILED",
        "data: {'error':{'type':'api_error'}}                 | FAILED",
        "data: {'error':{'type':'invalid_request_error'}}     | CONTENT",
        "data: {'error':null}                                 | CONTENT"
      })
  void opening_ofAnEvent(String event, Opening expected) {
    var stream = new EventStream(true, false);
    stream.feed(Buffer.buffer(event.replace('\'', '"').replace(';', '\n') + "\n\n"));

    assertThat(stream.opening()).isEqualTo(expected);
  }

  @Test
  void ofBody_lastUsageObject_isTaken() {
    String body =
        "{\"usage\":null,\"choices\":[],\"usage\" : {\"prompt_tokens\":4,\"completion_tokens\":1},"
            + "\"tail\":\"\\\"usage\\\"\"}";

    assertThat(Usages.ofBody(Buffer.buffer(body))).isEqualTo(new Route.Usage(4, -1, 1));
    assertThat(Usages.ofBody(Buffer.buffer("{\"usage\":"))).isEqualTo(Route.Usage.UNKNOWN);
    assertThat(Usages.ofBody(null)).isEqualTo(Route.Usage.UNKNOWN);
  }
}
