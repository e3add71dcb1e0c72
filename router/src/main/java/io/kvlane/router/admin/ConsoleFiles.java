package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.router.policy.Digests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console, as the build has left them on the class path. They hold nothing of any
 * router: what the console shows it asks for at {@code /admin}, with a key. Immutable; safe for any
 * thread.
 */
final class ConsoleFiles {
  private static final String ROOT = "/console";
  private static final String INDEX = "index.html";

  /** Names below it change with what they hold. */
  private static final String FROZEN = "assets/";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  /** Scripts and styles of its own only; nobody may frame it; it speaks with its router only. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private record File(String type, Buffer plain, Buffer zipped, String etag) {}

  private final Map<String, File> files;

  /** Those of this build; none if it has left the console out. */
  ConsoleFiles() {
    this("console/");
  }

  /** Those of another folder beside this class. */
  ConsoleFiles(String folder) {
    Map<String, File> found = new HashMap<>();
    Buffer names = read(folder + "files.txt");
    if (names != null) {
      for (String name : names.toString(UTF_8).split("\n", -1)) {
        Buffer plain = name.isEmpty() ? null : read(folder + name);
        Buffer zipped = name.isEmpty() ? null : read(folder + name + ".gz");
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (plain != null && zipped != null && type != null) {
          found.put(name, new File(type, plain, zipped, etag(plain)));
        }
      }
    }
    files = Map.copyOf(found);
  }

  private static @Nullable Buffer read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(name)) {
      return in == null ? null : Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String etag(Buffer bytes) {
    return '"' + Digests.sha256(bytes.getBytes()).substring(0, 32) + '"';
  }

  /** Whether a path is the console's. */
  static boolean isBelow(String path) {
    return path.equals(ROOT) || path.startsWith(ROOT + '/');
  }

  /** Answers a request of the console's. */
  void handle(HttpServerRequest request) {
    HttpServerResponse response =
        request
            .response()
            .putHeader("Content-Security-Policy", POLICY)
            .putHeader("X-Content-Type-Options", "nosniff")
            .putHeader("Referrer-Policy", "no-referrer")
            .putHeader("Cross-Origin-Opener-Policy", "same-origin")
            .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (!head && !request.method().equals(HttpMethod.GET)) {
      response.setStatusCode(405).putHeader("Allow", "GET, HEAD").end();
      return;
    }
    String path = request.path();
    String name = path.length() <= ROOT.length() + 1 ? INDEX : path.substring(ROOT.length() + 1);
    File file = files.get(name);
    if (file == null) {
      String why =
          files.isEmpty()
              ? "This router was built without the console: that needs Node.js 20.19 or newer.\n"
              : "Not found.\n";
      response.setStatusCode(404).putHeader("Content-Type", "text/plain; charset=utf-8").end(why);
      return;
    }
    boolean frozen = name.startsWith(FROZEN);
    response
        .putHeader("Cache-Control", frozen ? "public, max-age=31536000, immutable" : "no-cache")
        .putHeader("ETag", file.etag)
        .putHeader("Vary", "Accept-Encoding");
    if (file.etag.equals(request.getHeader("If-None-Match"))) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader("Content-Type", file.type);
    String encodings = request.getHeader("Accept-Encoding");
    boolean zip = encodings != null && encodings.toLowerCase(Locale.ROOT).contains("gzip");
    if (zip) {
      response.putHeader("Content-Encoding", "gzip");
    }
    Buffer body = zip ? file.zipped : file.plain;
    if (head) {
      response.putHeader("Content-Length", "" + body.length()).end();
    } else {
      response.end(body);
    }
  }
}
