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
  private final long announced;
  private byte[] bytes = NOTHING;
  private int length;
  private int taken;

  /**
   * @param announced how long the body is to be; negative if that was not said
   */
  BodyReader(BodyBudget budget, long maxBytes, long announced) {
    this.budget = budget;
    this.maxBytes = maxBytes;
    this.announced = announced;
  }

  /** Adds the next bytes; says what is wrong if they cannot be taken. */
  @Nullable ApiError add(Buffer chunk) {
    int more = chunk.length();
    if (length + (long) more > maxBytes) {
      return ApiError.bodyTooLarge(maxBytes);
    }
    int needed = length + more;
    if (needed > bytes.length) {
      int capacity = needed == announced ? needed : grown(needed);
      if (!budget.take(capacity - taken)) {
        return ApiError.noMemory();
      }
      taken = capacity;
      bytes = Arrays.copyOf(bytes, capacity);
    }
    chunk.getBytes(0, more, bytes, length);
    length = needed;
    return null;
  }

  private int grown(int needed) {
    return (int) Math.min(maxBytes, Math.max(INITIAL, needed * 3L / 2));
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
