package io.kvlane.router;

import static io.kvlane.router.MockEngine.DONE;
import static io.kvlane.router.MockEngine.delta;
import static io.kvlane.router.MockEngine.json;
import static io.kvlane.router.MockEngine.silence;
import static io.kvlane.router.MockEngine.stall;
import static io.kvlane.router.MockEngine.stream;
import static io.kvlane.router.RouterFixture.CHAT;
import static io.kvlane.router.RouterFixture.streamed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Streams under pressure, in silence and at the router's end. */
class StreamingIT {
  private RouterFixture at;

  @AfterEach
  void stop() {
    at.close();
  }

  /** Writes events as long as the peer takes them. */
  private static void flood(HttpServerResponse response, AtomicLong written, long total) {
    String event = delta("x".repeat(4000));
    while (!response.writeQueueFull() && written.get() < total) {
      response.write(event);
      written.addAndGet(event.length());
    }
    if (written.get() < total) {
      response.drainHandler(drained -> flood(response, written, total));
    } else {
      response.end(DONE);
    }
  }

  @Test
  void client_stopsReading_pausesTheEngine() throws IOException {
    at = new RouterFixture(1, "");
    var written = new AtomicLong();
    long total = 64L << 20;
    at.engine()
        .always(
            response -> {
              response.setChunked(true).putHeader("content-type", "text/event-stream");
              flood(response, written, total);
            });
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(RouterFixture.raw(CHAT, streamed()));
      assertThat(socket.getInputStream().readNBytes(1000)).hasSize(1000);
      long[] before = {-1};
      await()
          .pollInterval(java.time.Duration.ofMillis(300))
          .until(
              () -> {
                boolean still = before[0] == written.get();
                before[0] = written.get();
                return still;
              });
      // What fits into socket buffers and queues on the way, far less than all of it.
      assertThat(written.get()).isLessThan(total / 2);

      long read = 0;
      byte[] buffer = new byte[1 << 16];
      while (read < total && read >= 0) {
        read += socket.getInputStream().read(buffer);
      }
    }
    await().until(at::isIdle);
    assertThat(written.get()).isGreaterThanOrEqualTo(total);
  }

  @Test
  void client_neverReads_isTakenForGone() throws IOException {
    at = new RouterFixture(1, "timeouts: {slowClient: 300ms}");
    at.engine()
        .always(
            response -> {
              response.setChunked(true).putHeader("content-type", "text/event-stream");
              flood(response, new AtomicLong(), 64L << 20);
            });
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(RouterFixture.raw(CHAT, streamed()));
      await().until(() -> at.engine().aborted() == 1);
    }
    await().until(at::isIdle);
  }

  @Test
  void burst_ofEvents_comesWholeAndInOrder() {
    at = new RouterFixture(1, "");
    var all = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      all.append(delta("token " + i));
    }
    all.append(DONE);
    at.engine().always(stream(all.toString().split("(?<=\n\n)")));

    assertThat(at.post(CHAT, streamed()).body()).isEqualTo(all.toString());
  }

  @Test
  void silence_withKeepAlive_bringsComments() throws IOException {
    at = new RouterFixture(1, "sse: {keepAlive: 100ms}");
    at.engine().always(stall(delta("a")));
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(RouterFixture.raw(CHAT, streamed()));
      var text = new StringBuilder();
      while (text.indexOf(": keep-alive\n\n") < 0) {
        text.append((char) socket.getInputStream().read());
      }
      assertThat(text.toString()).contains(delta("a"));
    }
    await().until(at::isIdle);
  }

  @Test
  void silenceBeforeTheAnswer_withKeepAlive_bringsCommentsWhileReplicasAreTried() {
    at = new RouterFixture(2, "{sse: {keepAlive: 100ms}, timeouts: {firstByte: 1s}}");
    at.engines.get(0).always(silence());
    at.engines.get(1).always(stream(delta("a"), DONE));

    var answer = at.post(CHAT, streamed());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream");
    assertThat(answer.body()).startsWith(": keep-alive\n\n").endsWith(delta("a") + DONE);
    assertThat(at.engines.get(0).calls()).isEqualTo(1);
  }

  @Test
  void errorAfterComments_isAnEvent() {
    at = new RouterFixture(1, "sse: {keepAlive: 100ms}");
    var engine = at.engine();
    engine.always(engine.after(1000, json(400, "{\"error\":\n{\"code\":\"too_long\"}}")));

    var answer = at.post(CHAT, streamed());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .startsWith(": keep-alive\n\n")
        .endsWith("\n\ndata: {\"error\": {\"code\":\"too_long\"}}\n\n");
  }

  @Test
  void noReplicaAfterComments_isAnErrorEvent() {
    at = new RouterFixture(1, "{sse: {keepAlive: 100ms}, timeouts: {firstByte: 1s}}");
    at.engine().always(silence());

    var answer = at.post(CHAT, streamed());

    assertThat(answer.body()).startsWith(": keep-alive\n\n").contains("\n\ndata: {\"error\":{");
  }

  @Test
  @DisplayName("STL-5: a router that stops lets streams end")
  void stop_letsStreamsEnd() throws Exception {
    at = new RouterFixture(1, "timeouts: {drain: 10s}");
    at.engine()
        .always(
            response -> {
              stall(delta("a")).answer(response);
              at.vertx.setTimer(500, timer -> response.end(DONE));
            });
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(RouterFixture.raw(CHAT, streamed()));
      await().until(() -> at.engine().open() == 1);
      Future<Void> stopped = at.router.stop();
      URI ready = URI.create(at.router.adminUrl() + "/ready");
      try (HttpClient balancer = HttpClient.newHttpClient()) {
        var answer =
            balancer.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(503);
      }

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8)).contains("[DONE]");
      stopped.await();
    }
  }

  @Test
  @DisplayName("STL-5: after the limit streams end with an error event")
  void stop_afterTheLimit_endsStreamsWithAnErrorEvent() throws Exception {
    at = new RouterFixture(1, "timeouts: {drain: 300ms}");
    at.engine().always(stall(delta("a")));
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(RouterFixture.raw(CHAT, streamed()));
      assertThat(socket.getInputStream().readNBytes(100)).hasSize(100);
      Future<Void> stopped = at.router.stop();

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .contains("data: {\"error\":", "shutting_down")
          .doesNotContain("[DONE]");
      stopped.await();
    }
    await().until(at::isIdle);
  }

  @Test
  void http10_stream_endsWithTheConnection() throws IOException {
    at = new RouterFixture(1, "");
    at.engine().always(stream(delta("a"), DONE));
    try (Socket socket = at.connect()) {
      String request =
          new String(RouterFixture.raw(CHAT, streamed()), UTF_8).replace("HTTP/1.1", "HTTP/1.0");
      socket.getOutputStream().write(request.getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .endsWith("\r\n\r\n" + delta("a") + DONE);
    }
  }
}
