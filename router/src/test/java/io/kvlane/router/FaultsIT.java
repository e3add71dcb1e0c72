package io.kvlane.router;

import static io.kvlane.router.MockEngine.DONE;
import static io.kvlane.router.MockEngine.USAGE;
import static io.kvlane.router.MockEngine.cut;
import static io.kvlane.router.MockEngine.delta;
import static io.kvlane.router.MockEngine.header;
import static io.kvlane.router.MockEngine.json;
import static io.kvlane.router.MockEngine.reset;
import static io.kvlane.router.MockEngine.silence;
import static io.kvlane.router.MockEngine.stall;
import static io.kvlane.router.MockEngine.stream;
import static io.kvlane.router.RouterFixture.CHAT;
import static io.kvlane.router.RouterFixture.chat;
import static io.kvlane.router.RouterFixture.streamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.routing.Route;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The faults of Failover Bench that one region can meet, in our own version. */
class FaultsIT {
  private static final String OK = "{\"id\":\"ok\"}";

  private RouterFixture at;
  private MockEngine bad;
  private MockEngine good;

  @BeforeEach
  void start() {
    at =
        new RouterFixture(
            2,
            """
            timeouts: {firstByte: 400ms, answer: 600ms, idle: 400ms, drain: 0}
            limits: {maxHeldAnswerBytes: 1KiB}
            """);
    bad = at.engines.get(0);
    good = at.engines.get(1).always(json(200, OK));
  }

  @AfterEach
  void stop() {
    await().until(at::isIdle);
    at.close();
  }

  @Test
  @DisplayName("S01: 429 with Retry-After fails over")
  void busyWithRetryAfter_failsOver() {
    bad.always(header("retry-after", "2", json(429, "{}")));

    var answer = at.post(CHAT, chat(""));

    assertThat(answer.body()).isEqualTo(OK);
    assertThat(answer.headers().firstValue("x-kvlane-decision")).hasValue("failover");
    assertThat(answer.headers().firstValue("x-kvlane-replica")).hasValue("engine-2");
    assertThat(at.routing.ended().getFirst().outcome()).isEqualTo(new Route.Outcome.Abandoned());
  }

  @Test
  @DisplayName("S02: persistent 429 is asked once per replica")
  void busyEverywhere_isAskedOncePerReplica() {
    at.engines.forEach(engine -> engine.always(json(429, "{}")));

    assertThat(at.post(CHAT, chat("")).statusCode()).isEqualTo(429);
    assertThat(bad.calls() + good.calls()).isEqualTo(2);
  }

  @Test
  @DisplayName("S03: 500 once succeeds at another replica")
  void errorOnce_succeedsElsewhere() {
    bad.then(json(500, "{}"));

    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Failed("status", false));
  }

  @Test
  @DisplayName("S04: persistent 503 is asked once per replica")
  void unavailableEverywhere_isAskedOncePerReplica() {
    at.engines.forEach(engine -> engine.always(json(503, "{}")));

    var answer = at.post(CHAT, chat(""));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(bad.calls() + good.calls()).isEqualTo(2);
  }

  @Test
  @DisplayName("S05: TCP reset before headers fails over")
  void resetBeforeHeaders_failsOver() {
    bad.always(reset());

    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
  }

  @Test
  @DisplayName("S05: a reset on a connection used before is tried once on a new one, there alone")
  void resetOfAReusedConnection_isTriedOnANewOne() {
    bad.then(json(200, OK), reset(), json(200, OK));

    for (int i = 0; i < 3; i++) { // one, the other, and the first again
      assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    }

    assertThat(bad.calls()).isEqualTo(3);
    assertThat(good.calls()).isEqualTo(1);
    assertThat(at.routing.ended())
        .hasSize(3)
        .allMatch(ended -> ended.outcome() instanceof Route.Outcome.Answered);
  }

  @Test
  @DisplayName("S05: a second reset, on the new connection, fails over")
  void resetTwice_failsOver() {
    bad.then(json(200, OK), reset(), reset());

    for (int i = 0; i < 3; i++) {
      assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    }

    assertThat(bad.calls()).isEqualTo(3);
    assertThat(good.calls()).isEqualTo(2);
  }

  @Test
  @DisplayName("S05: a refused connection fails over")
  void refused_failsOver() {
    bad.close();

    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Failed("connect", true));
  }

  @Test
  @DisplayName("S06: no response at all fails over after the time limit")
  void silence_failsOver() {
    bad.always(silence());

    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    assertThat(bad.calls()).isEqualTo(1);
    await().until(() -> bad.aborted() == 1);
  }

  @Test
  @DisplayName("S07: a slow first token fails over, comments do not count as one")
  void slowFirstToken_failsOver() {
    bad.always(stall(": wait\n\n"));
    good.always(stream(delta("a"), DONE));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(delta("a") + DONE);
    await().until(() -> bad.aborted() == 1);
  }

  @Test
  @DisplayName("S08: a stream cut mid-answer ends with an error event and is not retried")
  void streamCut_endsWithErrorEvent() {
    bad.always(cut(delta("a")));

    var answer = at.post(CHAT, streamed());

    assertThat(answer.body()).startsWith(delta("a") + "data: {\"error\"").doesNotContain("[DONE]");
    assertThat(good.calls()).isZero();
    assertThat(at.routing.ended())
        .containsExactly(
            new StaticRouting.Ended("engine-1", new Route.Outcome.Failed("broken", true)));
  }

  @Test
  @DisplayName("S08: a stream cut before its first event fails over")
  void streamCutBeforeFirstEvent_failsOver() {
    bad.always(cut("data: {\"half"));
    good.always(stream(delta("a"), DONE));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(delta("a") + DONE);
  }

  @Test
  @DisplayName("S08: a held body that breaks off fails over")
  void bodyCut_failsOver() {
    bad.always(
        response -> {
          response.putHeader("content-type", "application/json").putHeader("content-length", "100");
          response.write("{\"half\":");
          response.reset();
        });

    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
  }

  @Test
  @DisplayName("S08: a long body that breaks off is never a complete answer")
  void longBodyCut_isNeverComplete() {
    bad.always(
        response -> {
          response.setChunked(true).putHeader("content-type", "application/json");
          response.write("x".repeat(100_000)).onSuccess(written -> response.reset());
        });

    assertThatThrownBy(() -> at.post(CHAT, chat("")))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseInstanceOf(EOFException.class);
    assertThat(good.calls()).isZero();
  }

  @Test
  @DisplayName("S09: a stream that stalls ends with an error event")
  void streamStalls_endsWithErrorEvent() {
    bad.then(stall(delta("a")));
    bad.always(json(200, OK));

    assertThat(at.post(CHAT, streamed()).body()).contains("engine_timeout");
    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
  }

  @Test
  @DisplayName("S10: a malformed event is passed on as it is")
  void malformedEvent_isPassedOn() {
    String odd = "data: {\"usage\":{ nonsense\n\nwhat: is this\n\n";
    bad.always(stream(delta("a") + odd + DONE));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(delta("a") + odd + DONE);
  }

  @Test
  @DisplayName("S11: a stream without [DONE] ends when the engine ends, its usage counted")
  void noDone_ends() {
    bad.always(stream(delta("a"), USAGE));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(delta("a"));
    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Answered(200, new Route.Usage(7, 4, 3)));
  }

  @Test
  @DisplayName("S12, S13: a 400 is passed on after one attempt, and is no failure")
  void clientError_isPassedOnOnce() {
    for (String code : List.of("context_length_exceeded", "content_policy_violation")) {
      String body = "{\"error\":{\"code\":\"" + code + "\"}}";
      at.engines.forEach(engine -> engine.always(json(400, body)));

      var answer = at.post(CHAT, chat(""));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo(body);
      assertThat(answer.headers().firstValue("x-should-retry")).isEmpty();
    }
    assertThat(bad.calls() + good.calls()).isEqualTo(2);
    assertThat(at.routing.ended())
        .allMatch(ended -> ended.outcome() instanceof Route.Outcome.Answered);
  }

  @Test
  @DisplayName("S15: all down, then healthy: served again at once")
  void allDown_thenHealthy_isServedAgain() {
    at.engines.forEach(engine -> engine.always(reset()));
    assertThat(at.post(CHAT, chat("")).statusCode()).isEqualTo(502);

    at.engines.forEach(engine -> engine.always(json(200, OK)));
    assertThat(at.post(CHAT, chat("")).body()).isEqualTo(OK);
  }

  @Test
  @DisplayName("CAS-3: nothing but the first event decides whether a stream is retried")
  void errorEvent_afterContent_isPassedOn() {
    String error = "data: {\"error\":{\"type\":\"overloaded_error\"}}\n\n";
    bad.always(stream(delta("a"), error));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(delta("a") + error);
    assertThat(good.calls()).isZero();
  }
}
