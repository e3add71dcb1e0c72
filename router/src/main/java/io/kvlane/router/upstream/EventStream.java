package io.kvlane.router.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.kvlane.router.routing.Route;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a server-sent event stream that passes by, cut anywhere. Whole events come out as they
 * went in, byte for byte and in order; the one that carries nothing but usage is left out on
 * demand. An event that never ends is passed on unseen from {@link #MAX_EVENT} bytes on.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">Parsing
 *     an event stream</a>
 */
final class EventStream {
  /** Comments and pings that may come before the first event that says something. */
  static final int MAX_OPENING = 64 << 10;

  static final int MAX_EVENT = 1 << 20;
  private static final Buffer NOTHING = Buffer.buffer();
  private static final byte[] NO_BYTES = new byte[0];

  /** What the stream's first event with a meaning is. */
  enum Opening {
    NOTHING_YET,
    CONTENT,
    /** An error that tells of overload. */
    BUSY,
    /** Another error that a different replica may not have. */
    FAILED
  }

  private final boolean dropUsage;
  private final boolean watchEnding;
  private Ending ending = Ending.UNKNOWN;
  private Opening opening = Opening.NOTHING_YET;
  private Route.Usage usage = Route.Usage.UNKNOWN;

  /** The beginning of an event whose end has not come. */
  private byte[] carry = NO_BYTES;

  private int carried;

  /** The current event is too long to be held: its rest is passed on as it comes. */
  private boolean oversized;

  private boolean lineEmpty = true;
  private boolean afterCr;

  /** The last event ended with a CR; an LF right behind it shares its fate. */
  private boolean afterEnd;

  private boolean lastKept = true;

  /**
   * @param watchEnding whether somebody wants to know the {@link #ending}
   */
  EventStream(boolean dropUsage, boolean watchEnding) {
    this.dropUsage = dropUsage;
    this.watchEnding = watchEnding;
  }

  static boolean is(HttpClientResponse head) {
    String type = head.getHeader("content-type");
    String encoding = head.getHeader("content-encoding");
    return type != null
        && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")
        && (encoding == null || encoding.equalsIgnoreCase("identity"));
  }

  Opening opening() {
    return opening;
  }

  Route.Usage usage() {
    return usage;
  }

  /** What the answer says of itself, as far as it has come. */
  Ending ending() {
    return ending;
  }

  /** Whether all that came out so far are whole events. */
  boolean betweenEvents() {
    return !oversized;
  }

  /** Takes the next bytes and returns those that may go on. */
  Buffer feed(Buffer chunk) {
    return passes(chunk) ? chunk : scan(chunk);
  }

  /**
   * Whether these are whole events of which none is of interest, as nearly all are; they are looked
   * at with the virtual machine's vectorised search, not byte by byte.
   */
  private boolean passes(Buffer chunk) {
    boolean between = carried == 0 && !oversized && !afterCr && opening != Opening.NOTHING_YET;
    return between && endsWithEmptyLine(chunk) && !isOfInterest(chunk.toString(ISO_8859_1));
  }

  private boolean isOfInterest(String text) {
    return Usages.mentions(text) || (watchEnding && Ending.isMentioned(text));
  }

  private static boolean endsWithEmptyLine(Buffer chunk) {
    int length = chunk.length();
    if (length < 2 || chunk.getByte(length - 1) != '\n') {
      return false;
    }
    byte before = chunk.getByte(length - 2);
    return before == '\n' || (before == '\r' && length > 3 && chunk.getByte(length - 3) == '\n');
  }

  private Buffer scan(Buffer chunk) {
    byte[] bytes = chunk.getBytes();
    int length = bytes.length;
    @Nullable Buffer out = null;
    boolean whole = carried == 0; // what comes out is what went in
    int from = 0; // of what is kept but not yet in out
    int start = 0; // of the current event
    for (int i = 0; i < length; i++) {
      byte b = bytes[i];
      if (b != '\n' && b != '\r') {
        lineEmpty = false;
        afterCr = false;
        afterEnd = false;
        continue;
      }
      if (b == '\n' && afterCr) {
        afterCr = false;
        if (afterEnd) {
          afterEnd = false;
          if (!lastKept) {
            out = append(out, bytes, from, start);
            whole = false;
            from = i + 1;
          }
          start = i + 1;
        }
        continue;
      }
      afterCr = b == '\r';
      if (!lineEmpty) {
        lineEmpty = true;
        afterEnd = false;
        continue;
      }
      int end = i + 1;
      boolean keep;
      if (oversized) {
        oversized = false;
        keep = true;
      } else if (carried > 0) {
        carry(bytes, start, end);
        keep = keep(carry, 0, carried);
        if (keep) {
          out = append(out, carry, 0, carried);
        }
        carried = 0;
        from = end;
      } else {
        keep = keep(bytes, start, end);
        if (!keep) {
          out = append(out, bytes, from, start);
          whole = false;
          from = end;
        }
      }
      start = end;
      lastKept = keep;
      afterEnd = afterCr;
    }
    if (start == length && whole) {
      return chunk;
    }
    if (oversized) {
      start = length;
    }
    out = append(out, bytes, from, start);
    carry(bytes, start, length);
    if (carried > MAX_EVENT) {
      out = append(out, carry, 0, carried);
      carried = 0;
      oversized = true;
      if (opening == Opening.NOTHING_YET) {
        opening = Opening.CONTENT;
      }
    }
    return out == null ? NOTHING : out;
  }

  /** The stream ended: what is left of an event without end. */
  Buffer finish() {
    if (carried == 0) {
      return NOTHING;
    }
    boolean keep = keep(carry, 0, carried);
    Buffer rest = keep ? Buffer.buffer(carried).appendBytes(carry, 0, carried) : NOTHING;
    carried = 0;
    return rest;
  }

  private void carry(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length == 0) {
      return;
    }
    if (carried + length > carry.length) {
      carry = Arrays.copyOf(carry, Math.max(carried + length, carry.length * 2));
    }
    System.arraycopy(bytes, from, carry, carried, length);
    carried += length;
  }

  private static @Nullable Buffer append(@Nullable Buffer out, byte[] bytes, int from, int to) {
    if (from >= to) {
      return out;
    }
    Buffer buffer = out == null ? Buffer.buffer(to - from) : out;
    return buffer.appendBytes(bytes, from, to - from);
  }

  private boolean keep(byte[] bytes, int from, int to) {
    if (opening == Opening.NOTHING_YET) {
      opening = Events.opening(bytes, from, to);
    }
    String text = new String(bytes, from, to - from, ISO_8859_1);
    boolean mentioned = Usages.mentions(text);
    if (watchEnding && (mentioned || Ending.isMentioned(text))) {
      ending = ending.and(bytes, from, to);
    }
    if (!mentioned) {
      return true;
    }
    Usages.InEvent found = Usages.ofEvent(bytes, from, to);
    usage = Usages.merge(usage, found.usage());
    return !(dropUsage && found.nothingElse());
  }
}
