package io.kvlane.router;

import static io.kvlane.router.MockEngine.DONE;
import static io.kvlane.router.MockEngine.USAGE;
import static io.kvlane.router.MockEngine.delta;
import static io.kvlane.router.MockEngine.json;
import static io.kvlane.router.MockEngine.stream;
import static io.kvlane.router.RouterFixture.CHAT;
import static io.kvlane.router.RouterFixture.chat;
import static io.kvlane.router.RouterFixture.streamed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.routing.Route;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API as clients see it, and the bytes as the engine sees them. */
class ApiIT {
  private RouterFixture at;

  @BeforeEach
  void start() {
    at = new RouterFixture(2, "routing: {allowAffinityOff: true}");
  }

  @AfterEach
  void stop() {
    at.close();
  }

  @Test
  @DisplayName("API-1: OpenAI's shape of an error, with a request id")
  void error_openai_hasItsShape() {
    var answer = at.post(CHAT, "{\"model\":\"nobody\",\"messages\":[]}", "x-request-id", "mine-1");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
    assertThat(answer.body())
        .startsWith("{\"error\":{\"message\":\"The model does not exist.")
        .contains("\"type\":\"invalid_request_error\"", "\"param\":\"model\"")
        .contains("\"code\":\"model_not_found\"");
  }

  @Test
  @DisplayName("API-1: Anthropic's shape of an error, with a request id")
  void error_anthropic_hasItsShape() {
    var answer = at.post("/v1/messages", "{\"model\":\"nobody\",\"messages\":[]}");

    String id = answer.headers().firstValue("request-id").orElseThrow();
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body())
        .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"")
        .endsWith("\"request_id\":\"" + id + "\"}");
    assertThat(answer.headers().firstValue("x-request-id")).hasValue(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "naïve", ""})
  @DisplayName("API-1: a request id that is no token is replaced")
  void requestId_notAToken_isReplaced(String offered) throws Exception {
    try (var socket = at.connect()) {
      String request =
          new String(RouterFixture.raw(CHAT, chat("")), UTF_8)
              .replace("host: test", "host: test\r\nx-request-id: " + offered);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      String head = new String(socket.getInputStream().readNBytes(200), UTF_8);
      assertThat(head).startsWith("HTTP/1.1 200 ").contains("x-request-id: req-");
    }
  }

  @Test
  @DisplayName("API-2: an overload told as the first event is tried elsewhere")
  void overload_asFirstEvent_isTriedElsewhere() {
    at.engines
        .get(0)
        .always(
            stream(
                ": hello\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
                "event: error\ndata: {\"type\":\"error\",\"error\":"
                    + "{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"));
    at.engines
        .get(1)
        .always(stream("event: message_start\ndata: {\"type\":\"message_start\"}\n\n"));

    var answer = at.post("/v1/messages", streamed());

    assertThat(answer.body())
        .isEqualTo("event: message_start\ndata: {\"type\":\"message_start\"}\n\n");
    assertThat(answer.headers().firstValue("x-kvlane-decision")).hasValue("failover");
    assertThat(at.routing.ended().getFirst().outcome()).isEqualTo(new Route.Outcome.Abandoned());
  }

  @Test
  @DisplayName("API-3: what was tried everywhere is not to be retried by the SDK")
  void failure_everywhere_tellsSdkNotToRetry() {
    at.engines.forEach(engine -> engine.always(json(500, "{\"error\":\"stack trace\"}")));

    var answer = at.post(CHAT, chat(""));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(answer.body()).contains("engine_error").doesNotContain("stack");
  }

  @Test
  @DisplayName("API-3: an engine's 429 has a Retry-After")
  void busy_everywhere_passesTheLast429On() {
    at.engines.forEach(engine -> engine.always(json(429, "{\"error\":{\"message\":\"busy\"}}")));

    var answer = at.post(CHAT, chat(""));

    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.body()).isEqualTo("{\"error\":{\"message\":\"busy\"}}");
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(at.engines).allMatch(engine -> engine.calls() == 1);
  }

  @Test
  @DisplayName("API-4: a body reaches the engine byte for byte")
  void body_odd_reachesTheEngineByteForByte() {
    String body =
        "\n"
            + " {\"zeta\" : 1.0e+2,\t\"model\":\"kvlane-demo\",\"user\":\"\\u00fc ü 😀\","
            + "\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\\/b\","
            + "\"cache_control\":{\"type\":\"ephemeral\"}}],\"role\":\"user\",\"x\":{\"y\":[null,-0]}}],\"seed\":12345678901234567890,"
            + " \"alpha\":0.10}\r\n";

    at.post(CHAT, body);
    at.post("/v1/messages?beta=true", body);

    assertThat(at.engines.get(0).last().text()).isEqualTo(body);
    assertThat(at.engines.get(1).last().text()).isEqualTo(body);
    assertThat(at.engines.get(1).last().uri()).isEqualTo("/v1/messages?beta=true");
  }

  @Test
  @DisplayName("API-4: headers pass but those of the connection and credentials")
  void headers_pass_butHopByHopAndCredentials() throws Exception {
    try (var socket = at.connect()) {
      String request =
          new String(RouterFixture.raw(CHAT, chat("")), UTF_8)
              .replace(
                  "host: test",
                  "host: test\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n"
                      + "Authorization: Bearer secret\r\nx-api-key: secret\r\nCookie: a=secret\r\n"
                      + "X-Custom: One\r\nX-Custom: Two\r\nanthropic-version: 2023-06-01");
      socket.getOutputStream().write(request.getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readNBytes(15), UTF_8))
          .isEqualTo("HTTP/1.1 200 OK");
    }
    var headers = at.engine().last().headers();
    assertThat(headers.getAll("x-custom")).containsExactly("One", "Two");
    assertThat(headers.get("anthropic-version")).isEqualTo("2023-06-01");
    assertThat(headers.names())
        .extracting(String::toLowerCase)
        .doesNotContain("authorization", "x-api-key", "cookie", "x-hop", "te", "connection");
    assertThat(headers.get("host")).startsWith("127.0.0.1:");
  }

  @Test
  @DisplayName("API-4: a chunked body reaches the engine byte for byte")
  void body_chunked_reachesTheEngineByteForByte() {
    String body = chat(",\"pad\":\"" + "\u00fc".repeat(100_000) + '"');
    var chunks = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8)));

    var answer = at.send(at.request(CHAT).POST(chunks).build());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(at.engine().last().text()).isEqualTo(body);
    assertThat(at.engine().last().headers().get("transfer-encoding")).isNull();
  }

  @Test
  void requests_pipelined_areAnsweredInOrder() throws Exception {
    at.engines.get(0).always(at.engine().after(200, json(200, "{\"n\":1}")));
    at.engines.get(1).always(json(200, "{\"n\":2}"));
    try (var socket = at.connect()) {
      byte[] request = RouterFixture.raw(CHAT, chat(""));
      socket.getOutputStream().write(request);
      socket.getOutputStream().write(request);
      var text = new StringBuilder();
      while (text.indexOf("{\"n\":2}") < 0) {
        text.append((char) socket.getInputStream().read());
      }
      assertThat(text).containsSubsequence("{\"n\":1}", "HTTP/1.1 200", "{\"n\":2}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                                       | {'stream_options':{'include_usage':true},",
        ",'stream_options':null                   | 'stream_options':{'include_usage':true}",
        ",'stream_options' : { }                  | 'stream_options' : {'include_usage':true }",
        ",'stream_options':{'x': 1}               | 'stream_options':{'include_usage':true,'x': 1}",
        ",'stream_options':{'include_usage':false}| 'stream_options':{'include_usage':true}",
        ",'stream_options':{'include_usage':null} | 'stream_options':{'include_usage':true}"
      })
  @DisplayName("API-5: usage is always asked, and its event removed if the client did not ask")
  void usage_notAsked_isAskedAndRemoved(String option, String expected) {
    at.engine().always(stream(delta("a"), delta("b") + USAGE + DONE));
    String body = chat((",'stream':true" + option).replace('\'', '"'));

    var answer = at.post(CHAT, body);

    String sent = at.engine().last().text();
    assertThat(sent).contains(expected.replace('\'', '"'));
    assertThat(answer.body()).isEqualTo(delta("a") + delta("b") + DONE);
    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Answered(200, new Route.Usage(7, 4, 3)));
  }

  @Test
  @DisplayName("API-5: usage that the client asked for stays")
  void usage_asked_stays() {
    at.engine().always(stream(delta("a") + USAGE + DONE));
    String body = chat(",\"stream\":true,\"stream_options\":{\"include_usage\":true}");

    assertThat(at.post(CHAT, body).body()).isEqualTo(delta("a") + USAGE + DONE);
    assertThat(at.engine().last().text()).isEqualTo(body);
  }

  @Test
  @DisplayName("API-5: cached_tokens null or absent is unknown")
  void usage_withoutCachedTokens_isUnknown() {
    at.engine()
        .then(
            json(
                200,
                "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,"
                    + "\"prompt_tokens_details\":null}}"));

    at.post(CHAT, chat(""));

    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Answered(200, new Route.Usage(7, -1, 1)));
  }

  @Test
  @DisplayName("API-6: events, pings, comments and their order stay byte for byte")
  void stream_anthropic_staysByteForByte() {
    String all =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
            + "{\"input_tokens\":3,\"cache_read_input_tokens\":40,\"output_tokens\":1}}}\n\n"
            + "event: ping\ndata: {\"type\": \"ping\"}\n\n: a comment\n\n"
            + "event: content_block_delta\r\ndata: {\"delta\":{\"text\":\"ü\"}}\r\n\r\n"
            + "event: message_delta\ndata: {\"usage\":{\"output_tokens\":9}}\n\n"
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    at.engine().always(stream(all.substring(0, 200), all.substring(200, 333), all.substring(333)));

    assertThat(at.post("/v1/messages", streamed()).body()).isEqualTo(all);
    assertThat(at.routing.ended().getFirst().outcome())
        .isEqualTo(new Route.Outcome.Answered(200, new Route.Usage(43, 40, 9)));
  }

  @Test
  @DisplayName("API-6: a break after the first byte is an error event, without [DONE]")
  void stream_breaks_endsWithErrorEvent() {
    at.engine().always(MockEngine.cut(delta("a"), "data: {\"half\":"));
    at.engines.get(1).always(MockEngine.cut("event: message_start\ndata: {}\n\n"));

    var openai = at.post(CHAT, streamed());
    var anthropic = at.post("/v1/messages", streamed());

    assertThat(openai.body())
        .startsWith(delta("a") + "data: {\"error\":{\"message\":")
        .contains("\"code\":\"engine_broken\"")
        .endsWith("}}\n\n")
        .doesNotContain("[DONE]", "half");
    assertThat(anthropic.body())
        .startsWith("event: message_start\ndata: {}\n\nevent: error\ndata: {\"type\":\"error\",")
        .endsWith("}\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Session-Id",
        "session_id",
        "x-session-affinity",
        "x-claude-code-session-id",
        "x-dynamo-session-id"
      })
  @DisplayName("API-7: a header that names a session is a hint for routing")
  void affinity_header_reachesRouting(String header) {
    at.post(CHAT, chat(",\"prompt_cache_key\":\"body\""), header, "s-1");

    assertThat(at.routing.asked().getLast().affinity()).isEqualTo("s-1");
    assertThat(at.routing.asked().getLast().affinityOff()).isFalse();
  }

  @Test
  @DisplayName("API-7: prompt_cache_key is a hint for routing")
  void affinity_body_reachesRouting() {
    at.post(CHAT, chat(",\"prompt_cache_key\":\"body\""));

    assertThat(at.routing.asked().getLast().affinity()).isEqualTo("body");
  }

  @Test
  void affinityOff_asked_reachesRouting() {
    at.post(CHAT, chat(""), "x-kvlane-affinity", "off");

    assertThat(at.routing.asked().getLast().affinityOff()).isTrue();
  }

  @Test
  void answer_plain_hasTheRoutersHeaders() {
    var answer = at.post(CHAT, chat(""));

    assertThat(answer.headers().map())
        .containsKeys("x-request-id", "x-kvlane-cached-tokens")
        .containsEntry("x-kvlane-region", List.of("test"))
        .containsEntry("x-kvlane-replica", List.of("engine-1"))
        .containsEntry("x-kvlane-decision", List.of("home"));
  }

  @Test
  void tokenizeBody_chat_hasTheRawFields() {
    String tools = "[ {\"type\":\"function\"} ]";
    at.post(CHAT, chat(",\"tools\":" + tools + ",\"chat_template_kwargs\":{\"a\" :1}"));

    assertThat(at.routing.asked().getLast().tokenizeBody().get().toString())
        .isEqualTo(
            "{\"model\":\"kvlane-demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                + "\"tools\":"
                + tools
                + ",\"chat_template_kwargs\":{\"a\" :1},\"add_generation_prompt\":true}");
  }

  @Test
  void models_get_listsWhatRoutingKnows() {
    assertThat(at.get("/v1/models").body())
        .contains("\"id\":\"kvlane-demo\"", "\"object\":\"list\"");
  }

  @Test
  void method_wrong_is405InTheApisShape() {
    assertThat(at.get(CHAT).statusCode()).isEqualTo(405);
    assertThat(at.get(CHAT).body()).startsWith("{\"error\":");
    assertThat(at.get("/v1/messages").body()).startsWith("{\"type\":\"error\"");
    assertThat(at.get("/v1/nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void ready_withoutHealthyReplica_is503() {
    assertThat(at.get("/ready").statusCode()).isEqualTo(200);
    at.routing.capacity(0);
    assertThat(at.get("/ready").statusCode()).isEqualTo(503);
    assertThat(at.get("/health").statusCode()).isEqualTo(200);
  }
}
