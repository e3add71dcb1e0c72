package io.kvlane.router;

import static io.kvlane.router.RouterFixture.CHAT;
import static io.kvlane.router.RouterFixture.MODEL;
import static io.kvlane.router.RouterFixture.chat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is refused with a reason, costs no memory and reaches no engine. */
class BadInputIT {
  private RouterFixture at;

  @BeforeEach
  void start() {
    at =
        new RouterFixture(
            1,
            """
            limits:
              maxBodyBytes: 2MiB
              maxBufferedBytes: 8MiB
              bodyTimeout: 400ms
              idleConnection: 400ms
              maxHeaderBytes: 8KiB
              maxConnections: 64
            """);
  }

  @AfterEach
  void stop() {
    await().until(at::isIdle);
    assertThat(at.engine().calls()).isZero();
    at.close();
  }

  static Stream<Arguments> bodies() {
    String message = "{\"role\":\"user\",\"content\":\"x\"}";
    return Stream.of(
        Arguments.of("nothing", "", "The body: expected an object"),
        Arguments.of(
            "cut",
            "{\"model\":\"" + MODEL + "\",\"messages\":[{\"role\":",
            "messages[0].role: not valid JSON"),
        Arguments.of("array", "[]", "expected an object"),
        Arguments.of("more", chat("") + "{}", "expected nothing behind"),
        Arguments.of("model", "{\"model\":7}", "model: expected a string"),
        Arguments.of("no model", "{\"messages\":[]}", "model: missing"),
        Arguments.of("empty model", "{\"model\":\"\"}", "model: expected a name"),
        Arguments.of("twice", chat(",\"model\":\"other\""), "model: occurs twice"),
        Arguments.of("messages twice", chat(",\"messages\":[]"), "messages: occurs twice"),
        Arguments.of("no messages", "{\"model\":\"" + MODEL + "\"}", "messages: missing"),
        Arguments.of("stream", chat(",\"stream\":\"yes\""), "stream: expected true or false"),
        Arguments.of("max_tokens", chat(",\"max_tokens\":\"7\""), "max_tokens: expected a number"),
        Arguments.of("salt", chat(",\"cache_salt\":[]"), "cache_salt: expected a string"),
        Arguments.of(
            "messages",
            chat("").replace("[{", "{\"a\":[{").replace("}]", "}]}"),
            "messages: expected an array"),
        Arguments.of("message", chat("").replace("[{", "[3,{"), "messages[0]: expected an object"),
        Arguments.of(
            "content",
            chat("").replace("\"hi\"", "3"),
            "messages[0].content: expected a string, an array or null (line 1, column"),
        Arguments.of(
            "role", chat("").replace("\"user\"", "null"), "messages[0].role: expected a string"),
        Arguments.of(
            "many",
            "{\"model\":\""
                + MODEL
                + "\",\"messages\":["
                + (message + ",").repeat(9_999)
                + message
                + "]}",
            "messages[4096]: expected at most 4096 messages"),
        Arguments.of("deep", chat(",\"x\":" + "[".repeat(100_000)), "too deep"),
        Arguments.of(
            "control character",
            chat("").replace("hi", "h\u0000i"),
            "messages[0].content: not valid JSON"),
        Arguments.of("long number", chat(",\"max_tokens\":" + "9".repeat(10_000)), "too long"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void body_wrong_isRefusedWithAReason(String name, String body, String reason) {
    assertRefused(at.post(CHAT, body), 400, reason);
  }

  @Test
  void body_brokenUtf8_isRefused() {
    byte[] body = chat("").getBytes(UTF_8);
    body[body.length - 5] = (byte) 0xff;

    assertRefused(at.post(CHAT, body), 400, "not UTF-8 at byte " + (body.length - 5));
  }

  @Test
  void body_utf16_isRefused() {
    assertRefused(
        at.post(CHAT, chat("").getBytes(java.nio.charset.StandardCharsets.UTF_16LE)),
        400,
        "not valid JSON");
  }

  @Test
  void error_neverQuotesThePrompt() {
    String body = chat("").replace("\"hi\"", "\"SECRET\" SECRET");

    assertThat(at.post(CHAT, body).body()).contains("not valid JSON").doesNotContain("SECRET");
    assertThat(at.post(CHAT, chat(",\"SECRET\":[1,")).body()).doesNotContain("SECRET");
  }

  @Test
  void body_tooLarge_isRefused() {
    var answer = at.post(CHAT, chat(",\"pad\":\"" + "x".repeat(3 << 20) + '"'));

    assertRefused(answer, 413, "larger than 2097152 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {CHAT, "/v1/messages"})
  void body_slow_isRefusedInTime(String path) throws IOException {
    try (Socket socket = at.connect()) {
      socket
          .getOutputStream()
          .write(
              ("POST " + path + " HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\n{")
                  .getBytes(UTF_8));
      assertThat(read(socket)).startsWith("HTTP/1.1 408 ").contains("timeout");
    }
  }

  @Test
  void head_slow_isClosed() throws IOException {
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write(("POST " + CHAT + " HTTP/1.1\r\nhost:").getBytes(UTF_8));
      assertThat(read(socket)).isEmpty();
    }
  }

  @Test
  void head_bomb_isRefused() throws IOException {
    try (Socket socket = at.connect()) {
      String head =
          "GET /health HTTP/1.1\r\nhost: t\r\nx: "
              + "y".repeat(7_900)
              + "\r\nz: "
              + "y".repeat(7_900)
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      assertThat(read(socket)).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void requestLine_long_isRefused() throws IOException {
    try (Socket socket = at.connect()) {
      socket
          .getOutputStream()
          .write(("GET /" + "y".repeat(20_000) + " HTTP/1.1\r\n\r\n").getBytes(UTF_8));
      assertThat(read(socket)).contains(" 414 ");
    }
  }

  @Test
  void http_none_isRefused() throws IOException {
    try (Socket socket = at.connect()) {
      socket.getOutputStream().write("\u0016\u0003\u0001 nonsense\r\n\r\n".getBytes(UTF_8));
      assertThat(read(socket)).contains(" 400 ");
    }
  }

  @Test
  void bodies_tooManyBytesTogether_areRefused() throws IOException {
    var sockets = new java.util.ArrayList<Socket>();
    try {
      for (int i = 0; i < 5; i++) {
        Socket socket = at.connect();
        sockets.add(socket);
        socket
            .getOutputStream()
            .write(
                ("POST " + CHAT + " HTTP/1.1\r\nhost: t\r\ncontent-length: 2000000\r\n\r\n")
                    .getBytes(UTF_8));
        socket.getOutputStream().write(new byte[1_500_000]);
      }
      await().until(() -> at.gauge("kvlane.bodies.buffered") <= 8 << 20);
      long refused = 0;
      for (Socket socket : sockets) {
        if (read(socket).startsWith("HTTP/1.1 503 ")) {
          refused++;
        }
      }
      assertThat(refused).isPositive();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void connections_tooMany_areClosed() throws IOException {
    var sockets = new java.util.ArrayList<Socket>();
    try {
      for (int i = 0; i < 80; i++) {
        sockets.add(at.connect());
      }
      assertThat(read(sockets.getLast())).isEmpty();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await().until(() -> at.get("/health").statusCode() == 200);
  }

  private static String read(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), UTF_8);
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String reason) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body())
        .startsWith("{\"error\":{")
        .contains(reason)
        .doesNotContain("Exception");
    assertThat(answer.headers().firstValue("x-request-id")).isPresent();
  }
}
