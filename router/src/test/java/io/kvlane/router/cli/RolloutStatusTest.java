package io.kvlane.router.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code rollout status} makes of rollouts that take a while, or go wrong. */
class RolloutStatusTest {
  private static final String ROLLOUT =
      """
      {"revision":7,"state":"%1$s","millis":-1,"regions":[{"region":"eu","state":"%1$s",
       "reachable":true,"routers":[{"router":"eu-1","state":"%2$s","serves":6,"reason":"%3$s"}]}]}
      """;

  private final Deque<String> answers = new ArrayDeque<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/admin/v1/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** The last answer stays. */
  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = (answers.size() > 1 ? answers.removeFirst() : answers.getFirst()).getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private int status(String... more) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    var command =
        KvlaneMain.commandLine(Map.of("KVLANE_ADMIN_URL", url, "KVLANE_ADMIN_KEY", "k"))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    var args = new ArrayList<>(List.of("rollout", "status", "7"));
    args.addAll(List.of(more));
    return command.execute(args.toArray(String[]::new));
  }

  @Test
  void refused_isAFailureWithTheReason() {
    answers.add(ROLLOUT.formatted("REFUSED", "NACK", "unknown region mars"));

    assertThat(status()).isEqualTo(Failure.REFUSED);
    assertThat(out.toString()).containsPattern("eu +eu-1 +NACK +6 +unknown region mars");
  }

  @Test
  void pending_isWatchedUntilItIsLive() {
    answers.add(ROLLOUT.formatted("PENDING", "PENDING", ""));
    answers.add(ROLLOUT.formatted("PENDING", "PENDING", ""));
    answers.add(ROLLOUT.formatted("LIVE", "ACK", ""));

    assertThat(status("--watch")).isZero();
    assertThat(err.toString()).containsOnlyOnce("PENDING, 0 of 1 routers serve it");
    assertThat(out.toString()).contains("revision 7: LIVE, 1 of 1 routers serve it");
  }

  @Test
  void pending_isNoFailureUntilTheTimeIsUp() {
    answers.add(ROLLOUT.formatted("PENDING", "PENDING", ""));

    assertThat(status()).isZero();
    assertThat(status("--watch", "--timeout", "0")).isEqualTo(Failure.REFUSED);
  }
}
