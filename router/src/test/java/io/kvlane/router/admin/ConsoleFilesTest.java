package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The console's files on the admin listener; those of src/test/resources, built or not. */
class ConsoleFilesTest {
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    client.close();
    vertx.close().await();
  }

  private HttpResponse<byte[]> ask(String folder, String method, String path, String... headers)
      throws Exception {
    ConsoleFiles files = new ConsoleFiles(folder);
    HttpServer server =
        vertx.createHttpServer().requestHandler(files::handle).listen(0, "127.0.0.1").await();
    try {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
              .method(method, HttpRequest.BodyPublishers.noBody());
      if (headers.length > 0) {
        request.headers(headers);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } finally {
      server.close().await();
    }
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void page_mayUseOnlyItsOwnScriptsAndIsAskedForAnew() throws Exception {
    for (String path : new String[] {"/console", "/console/", "/console/index.html"}) {
      HttpResponse<byte[]> page = ask("console-sample/", "GET", path);

      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(new String(page.body(), UTF_8)).contains("<title>sample</title>");
      assertThat(header(page, "Content-Type")).startsWith("text/html");
      assertThat(header(page, "Cache-Control")).isEqualTo("no-cache");
      assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(header(page, "Content-Security-Policy"))
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe", "http:", "https:", "*");

      HttpResponse<byte[]> again =
          ask("console-sample/", "GET", path, "If-None-Match", header(page, "ETag"));
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
    }
  }

  @Test
  void asset_isKeptByBrowsersAndSentCompressedToThoseThatCanRead() throws Exception {
    HttpResponse<byte[]> plain = ask("console-sample/", "GET", "/console/assets/a-1.js");
    HttpResponse<byte[]> small =
        ask("console-sample/", "GET", "/console/assets/a-1.js", "Accept-Encoding", "br, gzip");

    assertThat(header(plain, "Cache-Control")).contains("immutable");
    assertThat(header(plain, "Content-Encoding")).isEmpty();
    assertThat(header(small, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(small, "Vary")).isEqualTo("Accept-Encoding");
    var unzipped = new GZIPInputStream(new ByteArrayInputStream(small.body()));
    assertThat(unzipped.readAllBytes()).isEqualTo(plain.body());
  }

  @Test
  void anythingElse_isNotFound() throws Exception {
    for (String path :
        new String[] {
          "/console/files.txt",
          "/console/assets/",
          "/console/../AdminServer.class",
          "/console/%2e%2e/openapi.yaml",
          "/console/assets/a-1.js.gz"
        }) {
      assertThat(ask("console-sample/", "GET", path).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void write_isRefused() throws Exception {
    HttpResponse<byte[]> refused = ask("console-sample/", "POST", "/console");

    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(header(refused, "Allow")).isEqualTo("GET, HEAD");
  }

  @Test
  void head_tellsTheLengthOnly() throws Exception {
    HttpResponse<byte[]> page = ask("console-sample/", "HEAD", "/console");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).isEmpty();
    assertThat(Integer.parseInt(header(page, "Content-Length"))).isPositive();
  }

  @Test
  void buildWithoutNode_saysWhyThereIsNoConsole() throws Exception {
    HttpResponse<byte[]> page = ask("nothing/", "GET", "/console");

    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(new String(page.body(), UTF_8)).contains("without the console", "Node.js");
  }
}
