package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;

/**
 * A change to a body: the bytes {@code [from, to)} are replaced, everything else stays as it is.
 *
 * @param text the replacement
 */
record Splice(int from, int to, String text) {
  static final Splice NONE = new Splice(0, 0, "");

  Buffer apply(byte[] body, int length) {
    if (text.isEmpty()) {
      return Buffer.buffer(length).appendBytes(body, 0, length);
    }
    return Buffer.buffer(length + text.length())
        .appendBytes(body, 0, from)
        .appendBytes(text.getBytes(UTF_8))
        .appendBytes(body, to, length - to);
  }
}
