package io.kvlane.router.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A connection that speaks Chromium's DevTools protocol. */
final class DevTools implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final BiConsumer<String, JsonNode> events;
  private final WebSocket socket;
  private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

  /**
   * @param events told of each event's name and parameters, on a thread that must not wait
   */
  DevTools(URI address, BiConsumer<String, JsonNode> events) {
    this.events = events;
    socket = client.newWebSocketBuilder().buildAsync(address, new Reader()).join();
  }

  /** Has something done, and waits for what it leads to. */
  JsonNode call(String session, String method, Map<String, ?> parameters) {
    try {
      return send(session, method, parameters).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(method + ' ' + parameters, e);
    }
  }

  /** Has something done. */
  synchronized CompletableFuture<JsonNode> send(
      String session, String method, Map<String, ?> parameters) {
    int id = number.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    var answer = new CompletableFuture<JsonNode>();
    waiting.put(id, answer);
    sent = sent.thenCompose(before -> socket.sendText(message.toString(), true));
    return answer;
  }

  private void read(String text) throws IOException {
    JsonNode message = JSON.readTree(text);
    CompletableFuture<JsonNode> answer = waiting.remove(message.path("id").asInt());
    if (answer == null) {
      events.accept(message.path("method").asText(), message.path("params"));
    } else if (message.has("error")) {
      answer.completeExceptionally(new IOException(message.get("error").toString()));
    } else {
      answer.complete(message.path("result"));
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }

  private final class Reader implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        try {
          read(whole);
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
      webSocket.request(1);
      return null;
    }
  }
}
