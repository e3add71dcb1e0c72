package io.kvlane.router.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.kvlane.router.RouterFixture;
import io.kvlane.router.region.TestRegion;
import io.kvlane.router.region.TestWorld;
import io.kvlane.router.telemetry.Collector.Seen;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TRC-1 to TRC-4 and TRC-6: what a collector is told, over the wire. */
class TracingIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CLIENT = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + '-' + CLIENT + "-01";
  private static final String MARK = "zanzibar-7719";
  private static final String CHAT =
      "{\"model\":\"kvlane-demo\",\"messages\":[{\"role\":\"user\",\"content\":\"" + MARK + "\"}]}";

  private Collector collector;

  @BeforeEach
  void start() throws Exception {
    collector = new Collector();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private List<Seen> trace(String id, int spans) {
    await().until(() -> collector.spans(id).size() >= spans);
    return collector.spans(id);
  }

  private static Seen only(List<Seen> spans, SpanKind kind) {
    List<Seen> found = spans.stream().filter(span -> span.kind() == kind).toList();
    assertThat(found).as("%s in %s", kind, spans).hasSize(1);
    return found.getFirst();
  }

  @Test
  @DisplayName("TRC-1: the client's trace goes on; the engine's parent is the attempt")
  void parent_valid_isContinuedAndTheEngineGetsTheAttempt() throws Exception {
    try (var router = new RouterFixture(1, collector.yaml())) {
      router.post(RouterFixture.CHAT, CHAT, "traceparent", PARENT, "tracestate", "b=2,a=1");

      List<Seen> spans = trace(TRACE, 4);
      Seen server = only(spans, SpanKind.SPAN_KIND_SERVER);
      Seen attempt = only(spans, SpanKind.SPAN_KIND_CLIENT);
      assertThat(server.parent()).isEqualTo(CLIENT);
      assertThat(server.state()).isEqualTo("b=2,a=1");
      assertThat(attempt.parent()).isEqualTo(server.id());
      var headers = router.engines.getFirst().last().headers();
      assertThat(headers.getAll("traceparent"))
          .containsExactly("00-" + TRACE + '-' + attempt.id() + "-01");
      assertThat(headers.getAll("tracestate")).containsExactly("b=2,a=1");
    }
  }

  @Test
  void parent_notSampled_goesOnUnsampledAndIsNotSent() throws Exception {
    try (var router = new RouterFixture(1, collector.yaml())) {
      String unsampled = PARENT.substring(0, PARENT.length() - 1) + '0';
      router.post(RouterFixture.CHAT, CHAT, "traceparent", unsampled);
      router.post(RouterFixture.CHAT, CHAT);

      String sent = router.engines.getFirst().seen().getFirst().headers().get("traceparent");
      assertThat(sent).startsWith("00-" + TRACE + '-').endsWith("-00").doesNotContain(CLIENT);
      await().until(() -> !collector.spans().isEmpty());
      assertThat(collector.spans(TRACE)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "nonsense"
      })
  void parent_invalid_beginsAnotherTraceWithoutState(String invalid) throws Exception {
    try (var router = new RouterFixture(1, collector.yaml())) {
      router.post(RouterFixture.CHAT, CHAT, "traceparent", invalid, "tracestate", "a=1");

      await().until(() -> collector.spans().size() >= 4);
      Seen server = only(collector.spans(), SpanKind.SPAN_KIND_SERVER);
      assertThat(server.trace()).isNotEqualTo(TRACE).isNotEqualToIgnoringCase(TRACE);
      assertThat(server.parent()).isEmpty();
      assertThat(server.state()).isEmpty();
      assertThat(router.engines.getFirst().last().headers().contains("tracestate")).isFalse();
    }
  }

  @Test
  void state_ofMoreThan32Members_isLeftOut() throws Exception {
    String members =
        IntStream.range(0, 33).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
    try (var router = new RouterFixture(1, collector.yaml())) {
      router.post(RouterFixture.CHAT, CHAT, "traceparent", PARENT, "tracestate", members);

      assertThat(only(trace(TRACE, 4), SpanKind.SPAN_KIND_SERVER).state()).isEmpty();
    }
  }

  @Test
  @DisplayName("TRC-3: one span a request, one a step, attempts as siblings")
  void request_failedOver_hasItsAttemptsAsSiblings() throws Exception {
    try (var router = new RouterFixture(2, collector.yaml())) {
      router.engines.forEach(engine -> engine.then(MockEngine.json(503, "{}")));
      router.engines.getLast().forget();

      router.post(RouterFixture.CHAT, CHAT, "traceparent", PARENT);

      List<Seen> spans = trace(TRACE, 5);
      Seen server = only(spans, SpanKind.SPAN_KIND_SERVER);
      List<Seen> attempts =
          spans.stream().filter(span -> span.kind() == SpanKind.SPAN_KIND_CLIENT).toList();
      assertThat(attempts).hasSizeGreaterThanOrEqualTo(2);
      assertThat(attempts).allMatch(attempt -> attempt.parent().equals(server.id()));
      assertThat(attempts.getFirst().attributes())
          .containsEntry("http.response.status_code", "503")
          .containsEntry("error.type", "status");
      assertThat(spans.stream().filter(span -> span.kind() == SpanKind.SPAN_KIND_INTERNAL))
          .extracting(Seen::name)
          .contains("admission", "decision");
      assertThat(spans).allMatch(span -> span.from() >= server.from() && span.to() <= server.to());
    }
  }

  @Test
  @DisplayName("TRC-4, TRC-6: the conventions' attributes, no prompt text")
  void request_answered_hasTheConventionsAttributesAndNoText() throws Exception {
    try (var router = new RouterFixture(1, collector.yaml())) {
      router
          .engines
          .getFirst()
          .always(
              MockEngine.stream(
                  "data: {\"model\":\"served-model\",\"choices\":[{\"delta\":{\"content\":\"x\"},"
                      + "\"finish_reason\":null}]}\n\n",
                  "data: {\"model\":\"served-model\",\"choices\":[{\"delta\":{},"
                      + "\"finish_reason\":\"length\"}]}\n\n",
                  "data:"
                      + " {\"model\":\"served-model\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\n",
                  MockEngine.DONE));
      router.post(
          RouterFixture.CHAT,
          CHAT.replace("{\"model\"", "{\"stream\":true,\"model\""),
          "traceparent",
          PARENT,
          "x-session-id",
          "s-1");

      List<Seen> spans = trace(TRACE, 4);
      assertThat(only(spans, SpanKind.SPAN_KIND_SERVER).attributes())
          .containsEntry("gen_ai.operation.name", "chat")
          .containsEntry("gen_ai.provider.name", "openai")
          .containsEntry("gen_ai.request.model", "kvlane-demo")
          .containsEntry("gen_ai.response.model", "served-model")
          .containsEntry("gen_ai.response.finish_reasons", "[length]")
          .containsEntry("gen_ai.usage.input_tokens", "9")
          .containsEntry("gen_ai.usage.output_tokens", "2")
          .containsEntry("gen_ai.usage.cache_read.input_tokens", "8")
          .containsEntry("gen_ai.conversation.id", "s-1")
          .containsEntry("http.response.status_code", "200");
      assertThat(only(spans, SpanKind.SPAN_KIND_CLIENT).attributes())
          .containsEntry("server.address", "127.0.0.1")
          .containsKey("server.port");
      assertThat(collector.spans().toString()).doesNotContain(MARK);
    }
  }

  @Test
  void request_refused_tellsWhy() throws Exception {
    try (var router = new RouterFixture(1, collector.yaml())) {
      router.post(RouterFixture.CHAT, "{\"model\":", "traceparent", PARENT);

      assertThat(only(trace(TRACE, 1), SpanKind.SPAN_KIND_SERVER).attributes())
          .containsEntry("http.response.status_code", "400")
          .containsKey("error.type");
    }
  }

  @Test
  @DisplayName("TRC-2: client, router, router, engine are one tree")
  void request_overTwoRegions_isOneTree(@TempDir Path certificates) throws Exception {
    try (var world =
        new TestWorld(
            certificates, List.of("us-east", "eu-west"), (a, b) -> 2, 1, collector.yaml())) {
      TestRegion here = world.region("us-east");
      here.healthy(1, false);
      await().until(() -> here.gauge("kvlane.replicas.healthy") == 0);

      HttpResponse<String> answer = here.post(CHAT, "traceparent", PARENT);

      assertThat(answer.headers().firstValue("x-kvlane-region")).contains("eu-west");
      assertThat(String.join(",", answer.headers().allValues("server-timing")))
          .contains("us-east.upstream;dur=", "eu-west.upstream;dur=");
      List<Seen> spans = trace(TRACE, 8);
      Seen first = server(spans, "us-east-1");
      Seen hop = child(spans, first);
      Seen second = server(spans, "eu-west-1");
      Seen last = child(spans, second);
      assertThat(first.parent()).isEqualTo(CLIENT);
      assertThat(second.parent()).isEqualTo(hop.id());
      assertThat(world.region("eu-west").engine().last().headers().get("traceparent"))
          .isEqualTo("00-" + TRACE + '-' + last.id() + "-01");
    }
  }

  @Test
  void request_traced_isTheExemplarOfItsLatencies(@TempDir Path certificates) throws Exception {
    try (var world =
        new TestWorld(certificates, List.of("us-east"), (a, b) -> 2, 1, collector.yaml())) {
      TestRegion here = world.region("us-east");

      here.post(CHAT, "traceparent", PARENT);

      await()
          .untilAsserted(
              () ->
                  assertThat(here.meters.scrape("application/openmetrics-text"))
                      .containsPattern(
                          "gen_ai_server_request_duration_seconds_bucket.*trace_id=\"" + TRACE));
    }
  }

  private static Seen server(List<Seen> spans, String router) {
    return only(
        spans.stream().filter(span -> span.service().equals(router)).toList(),
        SpanKind.SPAN_KIND_SERVER);
  }

  private static Seen child(List<Seen> spans, Seen parent) {
    return only(
        spans.stream().filter(span -> span.parent().equals(parent.id())).toList(),
        SpanKind.SPAN_KIND_CLIENT);
  }

  @Test
  @DisplayName("TRC-6: without a collector nothing is lost but spans, which are counted")
  void collector_notThere_costsRequestsNothingAndIsCounted() throws Exception {
    String yaml = collector.yaml();
    collector.close();
    try (var router = new RouterFixture(1, yaml)) {
      for (int i = 0; i < 20; i++) {
        assertThat(router.post(RouterFixture.CHAT, CHAT).statusCode()).isEqualTo(200);
      }

      // The sender tries five times, with pauses of up to five seconds, before it gives up.
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> router.meters.get("kvlane.traces.dropped").functionCounter().count() >= 80);
    }
  }
}
