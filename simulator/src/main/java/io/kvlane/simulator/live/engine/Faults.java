package io.kvlane.simulator.live.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the engine is told to do wrong, for tests. {@code POST /fault} with a JSON object sets what
 * it names and clears the rest; {@code GET /fault} shows what is left. Counters count down, one per
 * request to a generating endpoint:
 *
 * <pre>
 * failNext      answer the next N requests with failStatus (500) at once
 * hangNext      never answer the next N requests, not even with headers
 * cutNext       close the connection of the next N requests after cutAfterChunks (1) body chunks
 * slowNext      hold the next N requests back for slowMillis (1000) before they are queued
 * dropBatches   number the next N event batches, but neither send nor keep them
 * silentReplay  true: do not answer replay requests
 * </pre>
 *
 * <p>Of several counters above 0 the first in this list applies. Safe for any thread.
 */
final class Faults {
  private static final Set<String> KNOWN =
      Set.of(
          "failNext",
          "failStatus",
          "hangNext",
          "cutNext",
          "cutAfterChunks",
          "slowNext",
          "slowMillis",
          "dropBatches",
          "silentReplay");

  private final AtomicLong dropBatches = new AtomicLong();
  private volatile boolean silentReplay;
  private long failNext;
  private long failStatus = 500;
  private long hangNext;
  private long cutNext;
  private long cutAfterChunks = 1;
  private long slowNext;
  private long slowMillis = 1000;

  /** What happens to one request. */
  sealed interface Fate {
    /** Nothing special. */
    record Serve() implements Fate {}

    /** An error at once. */
    record Fail(int status) implements Fate {}

    /** No answer, ever. */
    record Hang() implements Fate {}

    /** The connection is closed after some chunks. */
    record Cut(long chunks) implements Fate {}

    /** The request is queued late. */
    record Slow(long millis) implements Fate {}
  }

  /**
   * Sets all knobs.
   *
   * @throws BadRequestException if the object has an unknown key or a wrong value
   */
  synchronized void set(JsonNode knobs) {
    for (var entry : knobs.properties()) {
      if (!KNOWN.contains(entry.getKey())) {
        throw new BadRequestException(entry.getKey(), "unknown fault");
      }
    }
    long status = number(knobs, "failStatus", 500);
    if (status < 400 || status > 599) {
      throw new BadRequestException("failStatus", "expected 400 to 599");
    }
    failStatus = status;
    failNext = number(knobs, "failNext", 0);
    hangNext = number(knobs, "hangNext", 0);
    cutNext = number(knobs, "cutNext", 0);
    cutAfterChunks = number(knobs, "cutAfterChunks", 1);
    slowNext = number(knobs, "slowNext", 0);
    slowMillis = number(knobs, "slowMillis", 1000);
    dropBatches.set(number(knobs, "dropBatches", 0));
    silentReplay = knobs.path("silentReplay").asBoolean(false);
  }

  private static long number(JsonNode knobs, String key, long otherwise) {
    JsonNode value = knobs.path(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || value.longValue() < 0) {
      throw new BadRequestException(key, "expected an integer of at least 0");
    }
    return value.longValue();
  }

  synchronized Fate next() {
    if (failNext > 0) {
      failNext--;
      return new Fate.Fail((int) failStatus);
    }
    if (hangNext > 0) {
      hangNext--;
      return new Fate.Hang();
    }
    if (cutNext > 0) {
      cutNext--;
      return new Fate.Cut(cutAfterChunks);
    }
    if (slowNext > 0) {
      slowNext--;
      return new Fate.Slow(slowMillis);
    }
    return new Fate.Serve();
  }

  boolean takeDroppedBatch() {
    return dropBatches.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  boolean silentReplay() {
    return silentReplay;
  }

  synchronized String toJson() {
    return new JsonObject()
        .put("failNext", failNext)
        .put("failStatus", failStatus)
        .put("hangNext", hangNext)
        .put("cutNext", cutNext)
        .put("cutAfterChunks", cutAfterChunks)
        .put("slowNext", slowNext)
        .put("slowMillis", slowMillis)
        .put("dropBatches", dropBatches.get())
        .put("silentReplay", silentReplay)
        .encode();
  }
}
