package io.kvlane.router.api;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects a body, at most so many bytes of it. Memory grows with what has come, not with what was
 * announced.
 */
final class BodyReader {
  private static final int INITIAL = 4096;
  private static final byte[] NOTHING = new byte[0];

  private final BodyBudget budget;
  private final long maxBytes;
  private byte[] bytes = NOTHING;
  private int length;
  private int taken;

  BodyReader(BodyBudget budget, long maxBytes) {
    this.budget = budget;
    this.maxBytes = maxBytes;
  }

  /** Adds the next bytes; says what is wrong if they cannot be taken. */
  @Nullable ApiError add(Buffer chunk) {
    int more = chunk.length();
    if (length + (long) more > maxBytes) {
      return ApiError.bodyTooLarge(maxBytes);
    }
    if (length + more > bytes.length) {
      int capacity = (int) Math.min(maxBytes, Math.max(INITIAL, (length + more) * 3L / 2));
      if (!budget.take(capacity - taken)) {
        return ApiError.noMemory();
      }
      taken = capacity;
      bytes = Arrays.copyOf(bytes, capacity);
    }
    chunk.getBytes(0, more, bytes, length);
    length += more;
    return null;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Leaves the bytes to others; the budget is charged until the end. */
  void handOver() {
    bytes = NOTHING;
  }

  /** Forgets the body and gives its budget back. */
  void release() {
    budget.giveBack(taken);
    taken = 0;
    bytes = NOTHING;
    length = 0;
  }
}
