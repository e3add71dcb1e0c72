package io.kvlane.simulator.live.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkControlTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    List<LinkSpec> specs =
        List.of(
            LinkSpec.parse("a:b:0:127.0.0.1:1:90:4"),
            LinkSpec.parse("b:a:0:127.0.0.1:2:90:4"),
            LinkSpec.parse("a:c:0:127.0.0.1:3:160:8.5"));
    Links links = Links.start(vertx, "127.0.0.1", specs, 1).await();
    server = LinkControl.start(vertx, links, 0).await();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void links_asStarted_areUpAndFarApart() throws Exception {
    assertThat(links())
        .containsExactly(
            "a b up 90.0 4.0 127.0.0.1:1",
            "b a up 90.0 4.0 127.0.0.1:2",
            "a c up 160.0 8.5 127.0.0.1:3");
  }

  @Test
  void cut_appliesToBothDirectionsOfThePairAlone_untilUp() throws Exception {
    assertThat(post("/links/b/a?state=cut").statusCode()).isEqualTo(200);
    assertThat(states()).containsExactly("cut", "cut", "up");

    post("/links/a/b?state=down");
    assertThat(states()).containsExactly("down", "down", "up");

    post("/links/a/b?state=up");
    assertThat(states()).containsExactly("up", "up", "up");
  }

  @Test
  void oneWay_losesWhatGoesThere_whoeverConnected() throws Exception {
    post("/links/a/b?state=one-way");

    assertThat(states()).containsExactly("forward-cut", "backward-cut", "up");
  }

  @Test
  void distance_partGiven_keepsTheRest() throws Exception {
    post("/links/a/b?roundTripMs=12.5");
    post("/links/c/a?jitterMs=1&state=cut");

    assertThat(links())
        .containsExactly(
            "a b up 12.5 4.0 127.0.0.1:1",
            "b a up 12.5 4.0 127.0.0.1:2",
            "a c cut 160.0 1.0 127.0.0.1:3");
  }

  @Test
  void request_thatIsWrong_saysWhatIs() throws Exception {
    assertRefused("/links/a/x?state=cut", 404, "no link between a and x");
    assertRefused("/links/a/b?state=broken", 400, "state: broken");
    assertRefused("/links/a/b?roundTripMs=far", 400, "roundTripMs: far");
    assertRefused("/links/a/b?jitterMs=-1", 400, "jitter: PT-0.001S");
    assertThat(states()).containsOnly("up");
  }

  @Test
  void spec_thatIsWrong_saysWhatIs() {
    assertThatThrownBy(() -> LinkSpec.parse("a:b:0:127.0.0.1:1:90"))
        .hasMessageContaining("a:b:0:127.0.0.1:1:90")
        .hasMessageContaining(LinkSpec.FORM);
    assertThatThrownBy(() -> LinkSpec.parse("a:b:0:127.0.0.1:1:soon:0"))
        .hasMessageContaining("round trip: soon");
    assertThatThrownBy(() -> LinkSpec.parse("a:b:0:127.0.0.1:port:9:0"))
        .hasMessageContaining("port");
  }

  private void assertRefused(String path, int status, String message) throws Exception {
    HttpResponse<String> response = post(path);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).contains(message);
  }

  private List<String> states() throws Exception {
    return all().map(link -> link.getString("state")).toList();
  }

  private List<String> links() throws Exception {
    return all()
        .map(
            link ->
                String.join(
                    " ",
                    link.getString("from"),
                    link.getString("to"),
                    link.getString("state"),
                    link.getDouble("roundTripMs").toString(),
                    link.getDouble("jitterMs").toString(),
                    link.getString("target")))
        .toList();
  }

  private Stream<JsonObject> all() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri("/links")).build();
    String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    return new JsonArray(body).stream().map(JsonObject.class::cast);
  }

  private HttpResponse<String> post(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.actualPort() + path);
  }
}
