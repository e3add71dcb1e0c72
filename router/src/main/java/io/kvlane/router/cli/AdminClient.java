package io.kvlane.router.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Asks the admin API. Blocks; for one thread. */
final class AdminClient {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(40);

  /** How often a request is made at all if the answer is to come again later, or did not come. */
  private static final int ATTEMPTS = 10;

  private final URI server;
  private final String key;
  private final HttpClient client;

  /**
   * @param server like {@code http://127.0.0.1:9100}
   * @param trust null for the authorities that this machine trusts
   */
  AdminClient(URI server, String key, @Nullable SSLContext trust) {
    this.server = server;
    this.key = key;
    var builder = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT);
    if (trust != null) {
      builder.sslContext(trust);
    }
    this.client = builder.build();
  }

  /** An answer, whatever its status. */
  record Answer(int status, String etag, boolean lastGood, JsonNode body) {
    boolean ok() {
      return status < 300;
    }
  }

  /** A value as a part of a path or of a query. */
  static String encode(String value) {
    return URLEncoder.encode(value, UTF_8).replace("+", "%20");
  }

  /**
   * Reads.
   *
   * @param path below {@code /admin/v1}
   * @throws Failure unless the answer is good
   */
  Answer get(String path) throws Failure {
    return good(find(path));
  }

  /** The same, but the answer may be bad. */
  Answer find(String path) throws Failure {
    return send(request(path).GET().build());
  }

  /**
   * Writes. What is sent again, since no answer came, is done once: it has the same key.
   *
   * @param body null for none
   * @param headers names and values
   * @throws Failure only if there is no answer
   */
  Answer post(String path, @Nullable JsonNode body, Map<String, String> headers) throws Failure {
    HttpRequest.Builder request = request(path);
    request.header("Idempotency-Key", UUID.randomUUID().toString());
    headers.forEach(request::header);
    if (body == null) {
      request.POST(HttpRequest.BodyPublishers.noBody());
    } else {
      request.header("Content-Type", "application/json");
      request.POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    }
    return send(request.build());
  }

  /**
   * Removes.
   *
   * @param etag of what is known
   * @throws Failure only if there is no answer
   */
  Answer delete(String path, String etag) throws Failure {
    return send(request(path).DELETE().header("If-Match", etag).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve("/admin/v1" + path))
        .timeout(ANSWER_LIMIT)
        .header("Authorization", "Bearer " + key)
        .header("Accept", "application/json");
  }

  private Answer send(HttpRequest request) throws Failure {
    try {
      for (int attempt = 1; ; attempt++) {
        Answer answer = attempt(request, attempt == 1);
        boolean later = answer == null || answer.status == 429 || unknown(answer);
        if (answer != null && (!later || attempt == ATTEMPTS)) {
          return answer;
        }
        // What Retry-After says of a rate limit, and a fair wait for a store that broke off.
        TimeUnit.SECONDS.sleep(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.refused("interrupted");
    }
  }

  private static boolean unknown(Answer answer) {
    return answer.body.path("code").asText().equals("outcome-unknown");
  }

  /** One attempt; null if its answer was lost and it is worth another. */
  private @Nullable Answer attempt(HttpRequest request, boolean first)
      throws Failure, InterruptedException {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("ETag").orElse(""),
          response.headers().firstValue("X-Config-Copy").isPresent(),
          parse(response));
    } catch (ConnectException | HttpTimeoutException | SSLException e) {
      throw unreachable(e);
    } catch (IOException e) {
      if (!first) {
        throw unreachable(e);
      }
      return null;
    }
  }

  private Failure unreachable(IOException e) {
    String why = e instanceof ConnectException ? "no connection" : String.valueOf(e.getMessage());
    return new Failure(Failure.UNREACHABLE, server + " cannot be reached: " + why);
  }

  private JsonNode parse(HttpResponse<String> response) throws Failure {
    try {
      JsonNode body = Texts.JSON.readTree(response.body());
      return body == null ? MissingNode.getInstance() : body;
    } catch (JsonProcessingException e) {
      throw Failure.refused(
          server + " answers " + response.statusCode() + " without JSON: is it an admin listener?");
    }
  }

  /**
   * The answer, if it is good.
   *
   * @throws Failure that says what the API says
   */
  static Answer good(Answer answer) throws Failure {
    if (!answer.ok()) {
      throw failure(answer, Object::toString);
    }
    return answer;
  }

  /** Says where the field is that the API has called so. */
  @FunctionalInterface
  interface Places {
    String of(String path);
  }

  /** What the API says of a request that it did not carry out. */
  static Failure failure(Answer answer, Places places) {
    JsonNode body = answer.body;
    StringBuilder text = new StringBuilder();
    text.append(body.path("title").asText("refused"));
    text.append(" (").append(answer.status).append("): ").append(body.path("detail").asText());
    for (JsonNode error : body.path("errors")) {
      String place = places.of(error.path("path").asText());
      text.append("\n  ").append(place).append(place.isEmpty() ? "" : ": ");
      text.append(error.path("message").asText());
    }
    return new Failure(exit(answer.status), Texts.printable(text.toString()));
  }

  private static int exit(int status) {
    return switch (status) {
      case 412 -> Failure.CONFLICT;
      case 502, 503, 504 -> Failure.UNREACHABLE;
      default -> Failure.REFUSED;
    };
  }
}
