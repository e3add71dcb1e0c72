package io.kvlane.router.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminClientTest {
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();

  private HttpServer server;
  private AdminClient client;

  private record Reply(int status, String body) {
    /** No answer: the connection ends. */
    static final Reply LOST = new Reply(0, "");
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        new AdminClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "k", null);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
      Reply reply = replies.removeFirst();
      if (reply == Reply.LOST) {
        return;
      }
      exchange.sendResponseHeaders(reply.status, reply.body.length());
      exchange.getResponseBody().write(reply.body.getBytes());
    }
  }

  private static String problem(String code, String detail) {
    return "{\"title\":\"T\",\"code\":\"%s\",\"detail\":\"%s\"}".formatted(code, detail);
  }

  private AdminClient.Answer post() throws Failure {
    return client.post("/changesets", JsonNodeFactory.instance.objectNode(), Map.of());
  }

  @Test
  void rateLimited_asksAgain() throws Exception {
    replies.add(new Reply(429, problem("rate-limited", "Too many.")));
    replies.add(new Reply(200, "{\"a\":1}"));

    assertThat(client.get("/policies").body().path("a").asInt()).isEqualTo(1);
  }

  @Test
  void write_whoseOutcomeIsUnknown_isSentAgainWithTheSameKey() throws Exception {
    replies.add(new Reply(503, problem("outcome-unknown", "Broke off.")));
    replies.add(new Reply(201, "{}"));

    assertThat(post().status()).isEqualTo(201);
    assertThat(keys).hasSize(2);
    assertThat(keys.getFirst()).isNotEqualTo("null").isEqualTo(keys.getLast());
  }

  @Test
  void write_whoseAnswerIsLost_isSentAgainWithTheSameKey() throws Exception {
    replies.add(Reply.LOST);
    replies.add(new Reply(201, "{}"));

    assertThat(post().status()).isEqualTo(201);
    assertThat(keys).hasSize(2);
    assertThat(keys.getFirst()).isEqualTo(keys.getLast());
  }

  @Test
  void storeUnavailable_isUnreachable() {
    replies.add(new Reply(503, problem("policy-store-unavailable", "Does not answer.")));

    Failure failure = catchThrowableOfType(Failure.class, () -> client.get("/policies"));

    assertThat(failure.status()).isEqualTo(Failure.UNREACHABLE);
    assertThat(failure).hasMessage("T (503): Does not answer.");
  }

  @Test
  void answerOfSomethingElse_isRefused() {
    replies.add(new Reply(200, "<html>"));

    Failure failure = catchThrowableOfType(Failure.class, () -> client.get("/policies"));

    assertThat(failure.status()).isEqualTo(Failure.REFUSED);
    assertThat(failure).hasMessageContaining("is it an admin listener?");
  }

  @Test
  void problem_withControlCharacters_doesNotReachTheTerminal() {
    replies.add(new Reply(400, problem("x", "a\\u001b[2Jb")));

    Failure failure = catchThrowableOfType(Failure.class, () -> client.get("/policies"));

    assertThat(failure).hasMessage("T (400): a?[2Jb");
  }
}
