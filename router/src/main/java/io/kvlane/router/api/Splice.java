package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A change to a body: the bytes {@code [from, to)} are replaced, everything else stays as it is.
 *
 * @param text the replacement
 */
record Splice(int from, int to, String text) {
  static final Splice NONE = new Splice(0, 0, "");

  /**
   * The changed body; it shares {@code body}'s memory, which must not change any more.
   *
   * @param splices do not overlap
   */
  static Buffer apply(byte[] body, int length, Splice... splices) {
    Splice[] inOrder =
        Arrays.stream(splices)
            .filter(splice -> splice.from != splice.to || !splice.text.isEmpty())
            .sorted(Comparator.comparingInt(Splice::from))
            .toArray(Splice[]::new);
    if (inOrder.length == 0) {
      return BufferInternal.buffer(Unpooled.wrappedBuffer(body, 0, length));
    }
    ByteBuf[] parts = new ByteBuf[2 * inOrder.length + 1];
    int at = 0;
    for (int i = 0; i < inOrder.length; i++) {
      parts[2 * i] = Unpooled.wrappedBuffer(body, at, inOrder[i].from - at);
      parts[2 * i + 1] = Unpooled.wrappedBuffer(inOrder[i].text.getBytes(UTF_8));
      at = inOrder[i].to;
    }
    parts[2 * inOrder.length] = Unpooled.wrappedBuffer(body, at, length - at);
    return BufferInternal.buffer(Unpooled.wrappedBuffer(parts.length, parts));
  }
}
