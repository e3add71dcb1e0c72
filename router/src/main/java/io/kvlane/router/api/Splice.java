package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/**
 * A change to a body: the bytes {@code [from, to)} are replaced, everything else stays as it is.
 *
 * @param text the replacement
 */
record Splice(int from, int to, String text) {
  static final Splice NONE = new Splice(0, 0, "");

  /** The changed body; it shares {@code body}'s memory, which must not change any more. */
  Buffer apply(byte[] body, int length) {
    ByteBuf bytes =
        text.isEmpty()
            ? Unpooled.wrappedBuffer(body, 0, length)
            : Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(body, 0, from),
                Unpooled.wrappedBuffer(text.getBytes(UTF_8)),
                Unpooled.wrappedBuffer(body, to, length - to));
    return BufferInternal.buffer(bytes);
  }
}
