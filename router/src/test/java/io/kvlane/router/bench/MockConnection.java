package io.kvlane.router.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the mock engine: requests with a {@code Content-Length}, answered one after the
 * other. {@code stream}, {@code max_tokens} (chunks) and {@code temperature} (0 = all chunks in one
 * write, else one chunk every {@value #CHUNK_MILLIS} ms) choose the answer, because every proxy
 * passes these fields on.
 */
final class MockConnection implements Handler<Buffer> {
  static final int CHUNK_MILLIS = 10;
  static final String MODEL = "mock";

  /** The body of every plain answer. */
  static final String PLAIN_BODY =
      """
      {"id":"chatcmpl-0","object":"chat.completion","created":1700000000,"model":"mock",\
      "choices":[{"index":0,"message":{"role":"assistant","content":"All is well on the eastern \
      lane."},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":512,\
      "total_tokens":520,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":0}}}\
      """;

  private static final String METRICS =
      """
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{model_name="mock"} 0.0
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{model_name="mock"} 0.0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc{model_name="mock"} 0.1
      # TYPE vllm:cache_config_info gauge
      vllm:cache_config_info{block_size="16",num_gpu_blocks="65536"} 1.0
      """;

  private static final Buffer PLAIN = answer(200, "application/json", PLAIN_BODY);
  private static final Buffer CHUNK =
      chunk(
          """
          {"id":"chatcmpl-0","object":"chat.completion.chunk","created":1700000000,\
          "model":"mock","choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,\
          "finish_reason":null}]}\
          """);
  private static final Buffer USAGE_CHUNK =
      chunk(
          """
          {"id":"chatcmpl-0","object":"chat.completion.chunk","created":1700000000,\
          "model":"mock","choices":[],"usage":{"prompt_tokens":512,"total_tokens":562,\
          "completion_tokens":50,"prompt_tokens_details":{"cached_tokens":0}}}\
          """);
  private static final Buffer LAST = chunk("[DONE]").appendString("0\r\n\r\n");
  private static final Buffer STREAM_HEAD =
      Buffer.buffer(
          """
          HTTP/1.1 200 OK\r
          content-type: text/event-stream; charset=utf-8\r
          transfer-encoding: chunked\r
          \r
          """);

  private static final JsonFactory JSON = new JsonFactory();

  private final Vertx vertx;
  private final NetSocket socket;
  private Buffer unread = Buffer.buffer();
  private boolean closed;

  MockConnection(Vertx vertx, NetSocket socket) {
    this.vertx = vertx;
    this.socket = socket;
    socket.closeHandler(ignored -> closed = true);
    socket.exceptionHandler(ignored -> closed = true);
  }

  @Override
  public void handle(Buffer data) {
    unread = unread.length() == 0 ? data : unread.copy().appendBuffer(data);
    byte[] bytes = unread.getBytes();
    int head = headLength(bytes);
    if (head < 0) {
      return;
    }
    String text = new String(bytes, 0, head, StandardCharsets.ISO_8859_1);
    if (!text.contains(" HTTP/1.")) {
      socket.end(answer(400, "text/plain", "HTTP/1.1 only"));
      return;
    }
    int length = contentLength(text);
    if (length < 0) {
      socket.end(answer(411, "text/plain", "a request needs a Content-Length here"));
      return;
    }
    if (bytes.length < head + length) {
      return;
    }
    unread = unread.slice(head + length, bytes.length);
    String path = text.substring(text.indexOf(' ') + 1, text.indexOf(" HTTP/"));
    respond(path, bytes, head, length);
  }

  private void respond(String path, byte[] bytes, int from, int length) {
    switch (path) {
      case "/v1/chat/completions" -> complete(bytes, from, length);
      case "/health" -> socket.write(answer(200, "text/plain", ""));
      case "/metrics" -> socket.write(answer(200, "text/plain; version=0.0.4", METRICS));
      case "/v1/models" ->
          socket.write(
              json(
                  """
                  {"object":"list","data":[{"id":"mock","object":"model","created":1700000000,\
                  "owned_by":"kvlane","root":"mock","max_model_len":32768}]}\
                  """));
      case "/server_info", "/get_server_info" ->
          socket.write(json("{\"model_id\":\"mock\",\"model_path\":\"mock\",\"version\":\"0\"}"));
      case "/model_info", "/get_model_info" ->
          socket.write(json("{\"model_path\":\"mock\",\"is_generation\":true}"));
      default -> socket.write(answer(404, "text/plain", "no " + path));
    }
  }

  private void complete(byte[] bytes, int from, int length) {
    Wish wish;
    try {
      wish = Wish.of(bytes, from, length);
    } catch (IOException e) {
      socket.write(answer(400, "text/plain", "not JSON"));
      return;
    }
    if (!wish.stream) {
      socket.write(PLAIN);
    } else if (wish.paced) {
      pace(wish);
    } else {
      Buffer all = STREAM_HEAD.copy();
      for (int i = 0; i < wish.chunks; i++) {
        all.appendBuffer(CHUNK);
      }
      socket.write(end(wish, all));
    }
  }

  private void pace(Wish wish) {
    socket.write(STREAM_HEAD.copy().appendBuffer(CHUNK));
    int[] sent = {1};
    vertx.setPeriodic(
        CHUNK_MILLIS,
        timer -> {
          if (closed || sent[0] == wish.chunks) {
            vertx.cancelTimer(timer);
          } else if (++sent[0] == wish.chunks) {
            socket.write(end(wish, CHUNK.copy()));
          } else {
            socket.write(CHUNK);
          }
        });
  }

  private static Buffer end(Wish wish, Buffer written) {
    return (wish.usage ? written.appendBuffer(USAGE_CHUNK) : written).appendBuffer(LAST);
  }

  private static int headLength(byte[] bytes) {
    for (int i = 3; i < bytes.length; i++) {
      if (bytes[i] == '\n' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /** The length that the head announces, 0 for none, -1 if the body comes in chunks. */
  private static int contentLength(String head) {
    String lower = head.toLowerCase(Locale.ROOT);
    if (lower.contains("\r\ntransfer-encoding:")) {
      return -1;
    }
    String name = "\r\ncontent-length:";
    int at = lower.indexOf(name);
    return at < 0
        ? 0
        : Integer.parseInt(
            lower.substring(at + name.length(), lower.indexOf('\r', at + 2)).strip());
  }

  private static Buffer chunk(String data) {
    String event = "data: " + data + "\n\n";
    return Buffer.buffer(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
  }

  private static Buffer json(String body) {
    return answer(200, "application/json", body);
  }

  private static Buffer answer(int status, String type, String body) {
    return Buffer.buffer(
        "HTTP/1.1 %d OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
            .formatted(status, type, body.length(), body));
  }

  /** What a request asks for. */
  private record Wish(boolean stream, boolean paced, boolean usage, int chunks) {
    static Wish of(byte[] bytes, int from, int length) throws IOException {
      boolean stream = false;
      boolean paced = false;
      boolean usage = false;
      int chunks = 2;
      try (JsonParser json = JSON.createParser(bytes, from, length)) {
        json.nextToken();
        for (@Nullable String name = json.nextFieldName();
            name != null;
            name = json.nextFieldName()) {
          JsonToken value = json.nextToken();
          switch (name) {
            case "stream" -> stream = value == JsonToken.VALUE_TRUE;
            case "temperature" -> paced = json.getDoubleValue() > 0;
            // Some peers write the field under its newer name.
            case "max_tokens", "max_completion_tokens" -> chunks = Math.max(2, json.getIntValue());
            case "stream_options" -> usage = asksUsage(json);
            default -> json.skipChildren();
          }
        }
      }
      return new Wish(stream, paced, usage, chunks);
    }

    private static boolean asksUsage(JsonParser json) throws IOException {
      boolean usage = false;
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return false;
      }
      for (@Nullable String name = json.nextFieldName();
          name != null;
          name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        usage |= name.equals("include_usage") && value == JsonToken.VALUE_TRUE;
        json.skipChildren();
      }
      return usage;
    }
  }
}
