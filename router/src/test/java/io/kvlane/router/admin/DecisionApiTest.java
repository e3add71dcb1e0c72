package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.telemetry.Timeline;
import io.kvlane.router.telemetry.evidence.Entry;
import io.kvlane.router.telemetry.evidence.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who sees which decisions. */
class DecisionApiTest {
  @TempDir private Path directory;

  private AdminFixture api;

  @BeforeEach
  void start() throws Exception {
    api = new AdminFixture(directory, 1e6);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void refused(String id, String tenant) {
    var subject =
        new Subject(
            id,
            "",
            false,
            "m".repeat(256),
            tenant,
            "/v1/chat/completions",
            "default",
            1,
            "CP",
            KnownHeaders.NONE,
            null);
    var way = new Timeline();
    way.pass(Timeline.Point.CAME, System.nanoTime());
    Entry entry = api.insights.getFirst().evidence().begin(subject, way);
    assertThat(entry).isNotNull();
    entry.refused(503, "evacuated", null);
  }

  @Test
  void scopedKey_seesItsTenantsOnly_othersAsUnknown() throws Exception {
    refused("mine", "acme");
    refused("theirs", "other");
    refused("nobodys", "");

    assertThat(api.send(0, AdminFixture.ACME, "GET", "/decisions/mine", null).status())
        .isEqualTo(200);
    for (String id : new String[] {"theirs", "nobodys", "unknown"}) {
      AdminFixture.Answer answer = api.send(0, AdminFixture.ACME, "GET", "/decisions/" + id, null);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.code()).isEqualTo("not-found");
    }
    assertThat(
            api.send(0, AdminFixture.ACME, "GET", "/decisions?tenant=other", null)
                .body()
                .path("decisions"))
        .isEmpty();
    assertThat(
            api.send(0, AdminFixture.ACME, "GET", "/decisions", null)
                .body()
                .path("decisions")
                .findValuesAsText("requestId"))
        .containsExactly("mine");
    assertThat(api.get("/decisions").body().path("decisions")).hasSize(3);
  }

  @Test
  void noKey_seesNothing() throws Exception {
    refused("mine", "acme");
    assertThat(api.send(0, "", "GET", "/decisions", null).status()).isEqualTo(401);
    assertThat(api.send(0, "", "GET", "/decisions:tail", null).status()).isEqualTo(401);
  }

  @Test
  void badFilters_areRefusedByName() throws Exception {
    assertThat(api.get("/decisions?status=abc").errorPaths()).containsExactly("status");
    assertThat(api.get("/decisions?since=yesterday").code()).isEqualTo("bad-parameter");
    assertThat(api.get("/decisions?pageToken=MTA").code()).isEqualTo("bad-page-token");
  }

  @Test
  void tail_slowReader_isDroppedWithANote() throws Exception {
    try (Socket socket = tail()) {
      InputStream in = socket.getInputStream();
      byte[] first = in.readNBytes(15);
      assertThat(new String(first, UTF_8)).isEqualTo("HTTP/1.1 200 OK");
      // Nothing is read now, and more comes than fits on the way.
      AtomicInteger sent = new AtomicInteger();
      var source =
          source(
              () -> {
                for (int i = 0; i < 100; i++) {
                  refused("many-" + sent.incrementAndGet(), "acme");
                }
              });
      await().atMost(Duration.ofSeconds(40)).until(() -> sent.get() > 40_000);
      source.shutdownNow();
      assertThat(readAll(in)).contains("event: dropped");
    }
  }

  private static ScheduledExecutorService source(Runnable more) {
    ScheduledExecutorService source = Executors.newSingleThreadScheduledExecutor();
    source.scheduleAtFixedRate(more, 0, 50, TimeUnit.MILLISECONDS);
    return source;
  }

  private Socket tail() throws IOException {
    URI at = URI.create(api.url(0));
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(at.getHost(), at.getPort()));
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write(
            ("GET /admin/v1/decisions:tail HTTP/1.1\r\nhost: test\r\nauthorization: Bearer "
                    + AdminFixture.VIEWER
                    + "\r\n\r\n")
                .getBytes(UTF_8));
    return socket;
  }

  private static String readAll(InputStream in) throws IOException {
    StringBuilder tail = new StringBuilder();
    byte[] buffer = new byte[65_536];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      tail.append(new String(buffer, 0, n, UTF_8));
      if (tail.indexOf("event: dropped") >= 0) {
        return tail.toString();
      }
      tail.delete(0, Math.max(0, tail.length() - 100));
    }
    return tail.toString();
  }
}
