package io.kvlane.simulator.live.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.net.ConnectException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Sends streaming requests to the region where the user is, round robin over its targets. Confined
 * to one event loop.
 */
final class LoadClient {
  private static final int MOST_EVENT_BYTES = 1 << 20;

  private final HttpClient client;
  private final Targets targets;
  private final Travel travel;
  private final Map<String, String> headers;
  private final long timeoutMillis;
  private final LongSupplier nanoTime;
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param headers sent with every request
   * @param timeoutMillis how long a connection may be silent
   */
  LoadClient(
      HttpClient client,
      Targets targets,
      Travel travel,
      Map<String, String> headers,
      long timeoutMillis,
      LongSupplier nanoTime) {
    this.client = client;
    this.targets = targets;
    this.travel = travel;
    this.headers = headers;
    this.timeoutMillis = timeoutMillis;
    this.nanoTime = nanoTime;
  }

  /** Sends a request; the future never fails. */
  Future<Outcome> send(Call call) {
    int region = travel.region(targets.regions().size(), call.session(), call.number());
    String target = targets.next(region);
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(target + call.path())
            .setIdleTimeout(timeoutMillis)
            .putHeader("content-type", "application/json");
    headers.forEach(options::putHeader);
    long started = nanoTime.getAsLong();
    return client
        .request(options)
        .compose(request -> exchange(request, call, target, started))
        .otherwise(error -> Outcome.failed(word(error)))
        .map(outcome -> outcome.sentTo(targets.regions().get(region)));
  }

  private Future<Outcome> exchange(
      HttpClientRequest request, Call call, String target, long started) {
    return request
        .send(call.body())
        .compose(
            response -> {
              if (response.statusCode() != 200) {
                return response
                    .body()
                    .map(ignored -> Outcome.failed("status " + response.statusCode()));
              }
              Exchange exchange = new Exchange(response, call.keepText(), target, started);
              return exchange.outcome.future();
            });
  }

  private static String word(Throwable error) {
    return switch (error) {
      case ConnectException e -> "cannot connect";
      case TimeoutException e -> "timeout";
      default -> error.getClass().getSimpleName();
    };
  }

  /** An answer coming in. */
  private final class Exchange {
    private final Promise<Outcome> outcome = Promise.promise();
    private final HttpClientResponse response;
    private final boolean keepText;
    private final String target;
    private final long started;
    private final StringBuilder text = new StringBuilder();
    private long firstEvent;
    private boolean begun;
    private boolean done;
    private String error = "";
    private int promptTokens;
    private int cachedTokens;

    Exchange(HttpClientResponse response, boolean keepText, String target, long started) {
      this.response = response;
      this.keepText = keepText;
      this.target = target;
      this.started = started;
      RecordParser events = RecordParser.newDelimited("\n\n", response);
      events.maxRecordSize(MOST_EVENT_BYTES);
      events.handler(this::onEvent);
      events.exceptionHandler(e -> outcome.tryComplete(Outcome.failed("cut: " + word(e) + when())));
      events.endHandler(ignored -> outcome.tryComplete(finish()));
    }

    private void onEvent(Buffer event) {
      String line = event.toString();
      if (!line.startsWith("data: ")) {
        error = line.startsWith("event: error") ? "error event" : error;
        return;
      }
      if (line.equals("data: [DONE]")) {
        done = true;
        return;
      }
      begun |= !line.startsWith("data: {\"error\"");
      if (firstEvent == 0) {
        firstEvent = nanoTime.getAsLong();
      }
      if (keepText || line.contains("\"usage\"") || line.contains("\"error\"")) {
        read(line.substring("data: ".length()));
      }
    }

    private void read(String data) {
      JsonNode node;
      try {
        node = json.readTree(data);
      } catch (JsonProcessingException e) {
        error = "event is not JSON";
        return;
      }
      if (node.has("error")) {
        error = "error event";
      }
      JsonNode usage = node.path("usage");
      if (usage.isObject()) {
        promptTokens = usage.path("prompt_tokens").asInt();
        cachedTokens = usage.path("prompt_tokens_details").path("cached_tokens").asInt();
      }
      text.append(node.at("/choices/0/delta/content").asText(""));
    }

    private Outcome finish() {
      if (!error.isEmpty()) {
        return Outcome.failed(error + when());
      }
      if (!done) {
        return Outcome.failed("stream ended early" + when());
      }
      if (promptTokens == 0) {
        return Outcome.failed("no usage");
      }
      return new Outcome(
          null,
          promptTokens,
          cachedTokens,
          predicted(),
          firstEvent - started,
          header("x-kvlane-replica", target),
          "",
          header("x-kvlane-region", ""),
          header("x-kvlane-decision", ""),
          text.toString());
    }

    /** An answer that has begun cannot be had from anybody else. */
    private String when() {
      return begun ? " after the answer began" : "";
    }

    private int predicted() {
      try {
        return Integer.parseInt(header("x-kvlane-cached-tokens", "-1"));
      } catch (NumberFormatException e) {
        return -1;
      }
    }

    private String header(String name, String otherwise) {
      String value = response.getHeader(name);
      return value == null ? otherwise : value;
    }
  }
}
