package io.kvlane.simulator.live.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.simulator.text.Tokenizer;
import io.kvlane.simulator.text.Words;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** The simulated engine, run as a process and used over its sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatedEngineIT {
  private static final String CHAT = "/v1/chat/completions";
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int REPLAY_TIMEOUT_MILLIS = 2_000;

  private final ObjectMapper json = new ObjectMapper();
  private EngineProcess engine;
  private ZContext zmq;
  private ZMQ.Socket events;
  private long nextText;

  @BeforeAll
  void start() throws Exception {
    engine = EngineProcess.start("--name", "it", "--lora", "adapter-a", "--time-scale", "4");
    zmq = new ZContext();
    events = zmq.createSocket(SocketType.SUB);
    events.setReceiveTimeOut(100);
    events.subscribe("");
    List<String> connection = new CopyOnWriteArrayList<>();
    events.setEventHook(event -> connection.add(event.getEvent().name()), ZMQ.EVENT_ALL);
    events.connect(engine.events());
    // A subscription takes effect some time after connect: ask until an event arrives. A few times
    // in a thousand JeroMQ connects but never shakes hands: then connect anew, as agents do.
    var attempts = new AtomicInteger();
    await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              if (attempts.incrementAndGet() % 20 == 0) {
                events.disconnect(engine.events());
                events.connect(engine.events());
              }
              completion(words(16), 1, "");
              assertThat(frames(events)).as("events; connection: %s", connection).isNotEmpty();
            });
    events.setReceiveTimeOut(TIMEOUT_MILLIS);
  }

  @AfterAll
  void stop() throws InterruptedException {
    zmq.close();
    engine.close();
  }

  /** Reads all events that earlier tests left behind. */
  @BeforeEach
  void drain() throws Exception {
    String last = words(16);
    completion(last, 1, "");
    String tokens = Arrays.toString(Tokenizer.encode(last)).replace(" ", "");
    String seen = "";
    while (!seen.equals(tokens)) {
      Value event = batch().getLast();
      seen = text(event, "type").equals("BlockStored") ? field(event, "token_ids").toJson() : "";
    }
  }

  @AfterEach
  void clearFaults() throws Exception {
    engine.post("/fault", "{}");
  }

  @Test
  void chat_streamed_hasRoleTokensFinishUsageAndDone() throws Exception {
    String body =
        engine
            .post(
                CHAT,
                """
                {"model":"kvlane-demo","stream":true,"max_tokens":5,
                 "stream_options":{"include_usage":true},
                 "messages":[{"role":"user","content":"hello there"}]}\
                """)
            .body();

    List<String> data = data(body);
    assertThat(data).hasSize(1 + 5 + 1 + 1).endsWith("[DONE]");
    assertThat(json.readTree(data.get(0)).at("/choices/0/delta/role").asText())
        .isEqualTo("assistant");
    assertThat(json.readTree(data.get(5)).at("/choices/0/finish_reason").asText())
        .isEqualTo("length");
    JsonNode usage = json.readTree(data.get(6));
    assertThat(usage.path("choices")).isEmpty();
    assertThat(usage.at("/usage/completion_tokens").asInt()).isEqualTo(5);
    assertThat(usage.at("/usage/prompt_tokens_details/cached_tokens").isInt()).isTrue();
  }

  @Test
  void chat_streamedWithoutIncludeUsage_hasNoUsage() throws Exception {
    HttpResponse<String> response =
        engine.post(
            CHAT,
            """
            {"model":"kvlane-demo","stream":true,
             "messages":[{"role":"user","content":"hello there"}]}\
            """);

    assertThat(response.headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    assertThat(response.body()).doesNotContain("usage").endsWith("data: [DONE]\n\n");
  }

  @Test
  void completion_again_readsWholeBlocksButNeverAll() throws Exception {
    String prompt = words(64);

    assertThat(cached(completion(prompt, 4, ""))).isZero();
    assertThat(cached(completion(prompt, 4, ""))).isEqualTo(48);
    assertThat(cached(completion(prompt + words(1), 4, ""))).isEqualTo(64);
  }

  @Test
  void completion_otherSaltOrAdapter_readsNothing() throws Exception {
    String prompt = words(64);
    completion(prompt, 4, "");

    assertThat(cached(completion(prompt, 4, ",\"cache_salt\":\"tenant-7\""))).isZero();
    assertThat(cached(completion(prompt, 4, ",\"cache_salt\":\"tenant-7\""))).isEqualTo(48);
    assertThat(cached(completion(prompt, 4, ",\"model\":\"adapter-a\""))).isZero();
  }

  @Test
  void chat_nextTurn_findsTheAnswerOfTheTurnBefore() throws Exception {
    String user = "{\"role\":\"user\",\"content\":\"" + words(40) + "\"}";
    JsonNode first = chat(user, 40);
    String answer = first.at("/choices/0/message/content").asText();

    JsonNode second =
        chat(
            user
                + ",{\"role\":\"assistant\",\"content\":\""
                + answer
                + "\"},{\"role\":\"user\",\"content\":\"go on\"}",
            4);

    int all = first.at("/usage/total_tokens").asInt();
    assertThat(cached(second)).isEqualTo((all - 1) / 16 * 16);
  }

  @Test
  void events_coldPrompt_areStoredWithTheTokensOfTokenize() throws Exception {
    String prompt = words(40);

    completion(prompt, 1, ",\"cache_salt\":\"s\"");

    Value stored = batch().get(0);
    assertThat(text(stored, "type")).isEqualTo("BlockStored");
    JsonNode tokens =
        json.readTree(
            engine
                .post("/tokenize", "{\"model\":\"kvlane-demo\",\"prompt\":\"" + prompt + "\"}")
                .body());
    assertThat(tokens.path("count").asInt()).isEqualTo(40);
    assertThat(field(stored, "token_ids").toJson())
        .isEqualTo(
            json.writeValueAsString(
                json.convertValue(tokens.path("tokens"), List.class).subList(0, 32)));
    assertThat(field(stored, "extra_keys").toJson()).isEqualTo("[[\"s\"],null]");
    assertThat(field(stored, "parent_block_hash").isNilValue()).isTrue();
  }

  @Test
  void events_generatedTokens_areStoredBlockByBlock() throws Exception {
    completion(words(16), 40, "");

    Value prompt = batch().get(0);
    Value first = batch().get(0);
    Value second = batch().get(0);
    assertThat(field(first, "parent_block_hash"))
        .isEqualTo(field(prompt, "block_hashes").asArrayValue().get(0));
    assertThat(field(second, "parent_block_hash"))
        .isEqualTo(field(first, "block_hashes").asArrayValue().get(0));
  }

  @Test
  void reset_idleEngine_clearsWithTheNextStep() throws Exception {
    String prompt = words(64);
    completion(prompt, 1, "");
    batch();

    assertThat(engine.post("/reset_prefix_cache", "").body()).contains("\"success\":true");
    assertThat(cached(completion(prompt, 1, ""))).isZero();

    assertThat(batch())
        .extracting(event -> text(event, "type"))
        .containsExactly("AllBlocksCleared", "BlockStored");
  }

  @Test
  void replay_fromASequence_givesTheBatchesSinceAndAnEnd() throws Exception {
    completion(words(32), 1, "");
    long last = sequence();
    completion(words(32), 1, "");
    sequence();

    List<List<byte[]>> answer = new ArrayList<>();
    await().until(() -> replayed(last, answer));

    assertThat(answer).hasSize(3).allSatisfy(frames -> assertThat(frames).hasSize(4));
    for (int i = 0; i < 2; i++) {
      assertThat(answer.get(i).get(1)).asString().isEqualTo("kv-events");
      assertThat(ByteBuffer.wrap(answer.get(i).get(2)).getLong()).isEqualTo(last + i);
    }
    assertThat(answer.get(2).get(2)).containsOnly(0xff);
    assertThat(answer.get(2).get(3)).isEmpty();
  }

  /**
   * Asks once, on a connection of its own, and collects the answer up to its end. Like the agent's,
   * the request may get lost with a connection that never comes about, and is then asked again.
   */
  private boolean replayed(long from, List<List<byte[]>> answer) {
    answer.clear();
    try (ZMQ.Socket dealer = zmq.createSocket(SocketType.DEALER)) {
      dealer.setReceiveTimeOut(REPLAY_TIMEOUT_MILLIS);
      dealer.connect(engine.replay());
      dealer.sendMore("");
      dealer.send(ByteBuffer.allocate(8).putLong(from).array());
      List<byte[]> frames = frames(dealer);
      while (!frames.isEmpty()) {
        answer.add(frames);
        if (frames.getLast().length == 0) {
          return true;
        }
        frames = frames(dealer);
      }
      return false;
    }
  }

  @Test
  void abort_whileStreaming_freesTheSlotAndKeepsThePrompt() throws Exception {
    String prompt = words(64);

    engine.postAndLeave("/v1/completions", body(prompt, 100_000, ",\"stream\":true"));

    await().until(() -> gauge("num_requests_running") == 0 && gauge("kv_cache_usage_perc") == 0);
    assertThat(cached(completion(prompt, 1, ""))).isEqualTo(48);
  }

  @Test
  void messages_streamed_hasAnthropicsEvents() throws Exception {
    String body =
        engine
            .post(
                "/v1/messages",
                """
                {"model":"kvlane-demo","stream":true,"max_tokens":2,"system":"be brief",
                 "messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}\
                """)
            .body();

    assertThat(body.lines().filter(line -> line.startsWith("event: ")).map(l -> l.substring(7)))
        .containsExactly(
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
  }

  @Test
  void responses_streamed_endsWithTheWholeResponse() throws Exception {
    List<String> data =
        data(
            engine
                .post(
                    "/v1/responses",
                    "{\"model\":\"kvlane-demo\",\"stream\":true,\"max_output_tokens\":3,\"input\":\"hi\"}")
                .body());

    JsonNode last = json.readTree(data.getLast());
    assertThat(last.path("type").asText()).isEqualTo("response.completed");
    assertThat(last.at("/response/output/0/content/0/text").asText()).hasSize(3 * Words.LENGTH);
    assertThat(last.at("/response/usage/output_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void embeddings_ofTwoTexts_areTwoVectors() throws Exception {
    JsonNode body =
        json.readTree(
            engine
                .post("/v1/embeddings", "{\"model\":\"kvlane-demo\",\"input\":[\"one\",\"two\"]}")
                .body());

    assertThat(body.path("data")).hasSize(2);
    assertThat(body.at("/data/1/embedding")).hasSize(64);
    assertThat(body.at("/data/0/embedding")).isNotEqualTo(body.at("/data/1/embedding"));
  }

  @Test
  void metrics_afterRequests_countUnderVllmsNames() throws Exception {
    completion(words(64), 1, "");

    assertThat(gauge("prefix_cache_queries_total")).isGreaterThanOrEqualTo(64);
    assertThat(engine.get("/metrics"))
        .contains("vllm:cache_config_info{block_size=\"16\"", "num_gpu_blocks=\"32768\"")
        .contains("vllm:request_success_total{", "vllm:time_to_first_token_seconds_bucket{");
  }

  @Test
  void request_wrong_isRefusedInOpenAisShape() throws Exception {
    String bad = "{\"model\":\"kvlane-demo\",";
    assertError(engine.post(CHAT, bad), 400, "line 1");
    assertError(engine.post(CHAT, "[]"), 400, "object");
    assertError(engine.post(CHAT, bad + "\"messages\":[]}"), 400, "messages");
    assertError(engine.post(CHAT, "{\"messages\":[]}"), 400, "model");
    assertError(engine.post(CHAT, bad.replace("demo", "none") + "\"messages\":[]}"), 404, "none");
    assertError(engine.post("/v1/completions", body(words(8), 600_000, "")), 400, "262144");
    assertError(engine.post("/v1/nothing", ""), 404, "Not Found");
  }

  @Test
  void prompt_of100kTokens_isServed() throws Exception {
    String prompt = words(100_000);

    assertThat(completion(prompt, 1, "").at("/usage/prompt_tokens").asInt()).isEqualTo(100_000);
  }

  @Test
  void faults_failAndCut_applyToTheNextRequestsOnly() throws Exception {
    engine.post("/fault", "{\"failNext\":1,\"failStatus\":503}");
    assertError(engine.post("/v1/completions", body("a", 1, "")), 503, "on demand");

    engine.post("/fault", "{\"cutNext\":1,\"cutAfterChunks\":2}");
    assertThatThrownBy(() -> engine.post("/v1/completions", body("a", 5, ",\"stream\":true")))
        .isInstanceOf(IOException.class);

    assertThat(completion("a", 1, "").has("usage")).isTrue();
    assertError(engine.post("/fault", "{\"explode\":1}"), 400, "explode");
  }

  @Test
  void faults_hang_answersNothing() throws Exception {
    engine.post("/fault", "{\"hangNext\":1}");
    var hanging =
        Thread.startVirtualThread(
            () -> {
              try {
                engine.post("/v1/completions", body("a", 1, ""));
              } catch (Exception e) {
                Thread.currentThread().interrupt();
              }
            });
    await().until(() -> json.readTree(engine.get("/fault")).path("hangNext").asInt() == 0);
    assertThat(completion("b", 1, "").has("usage")).isTrue();
    assertThat(hanging.join(Duration.ofMillis(1))).isFalse();
    hanging.interrupt();
  }

  /** Text of {@code count} tokens that no other call gave. */
  private String words(int count) {
    nextText += count;
    return LongStream.range(nextText - count, nextText)
        .mapToObj(Words::word)
        .collect(Collectors.joining());
  }

  private JsonNode chat(String messages, int tokens) throws Exception {
    return json.readTree(
        engine
            .post(
                CHAT,
                "{\"model\":\"kvlane-demo\",\"max_tokens\":"
                    + tokens
                    + ",\"messages\":["
                    + messages
                    + "]}")
            .body());
  }

  private JsonNode completion(String prompt, int tokens, String more) throws Exception {
    HttpResponse<String> response = engine.post("/v1/completions", body(prompt, tokens, more));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json.readTree(response.body());
  }

  private static String body(String prompt, int tokens, String more) {
    String model = more.contains("\"model\"") ? "" : "\"model\":\"kvlane-demo\",";
    return "{" + model + "\"max_tokens\":" + tokens + ",\"prompt\":\"" + prompt + "\"" + more + "}";
  }

  private static int cached(JsonNode answer) {
    return answer.at("/usage/prompt_tokens_details/cached_tokens").asInt(-1);
  }

  private static List<String> data(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .toList();
  }

  private void assertError(HttpResponse<String> response, int status, String part)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = json.readTree(response.body()).path("error");
    assertThat(error.path("message").asText()).contains(part);
    assertThat(error.path("code").asInt()).isEqualTo(status);
  }

  private double gauge(String name) throws Exception {
    return engine
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith("vllm:" + name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** The next message's frames, none if it takes too long. */
  private static List<byte[]> frames(ZMQ.Socket socket) {
    List<byte[]> frames = new ArrayList<>();
    do {
      byte[] frame = socket.recv();
      if (frame == null) {
        return List.of();
      }
      frames.add(frame);
    } while (socket.hasReceiveMore());
    return frames;
  }

  private long sequence() {
    return ByteBuffer.wrap(frames(events).get(1)).getLong();
  }

  private List<Value> batch() throws IOException {
    try (var unpacker = MessagePack.newDefaultUnpacker(frames(events).get(2))) {
      return unpacker.unpackValue().asArrayValue().get(1).asArrayValue().list();
    }
  }

  private static String text(Value event, String key) {
    return field(event, key).asStringValue().asString();
  }

  private static Value field(Value event, String key) {
    return event.asMapValue().entrySet().stream()
        .filter(e -> e.getKey().asStringValue().asString().equals(key))
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
