package io.kvlane.router.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvlane.router.admin.AuditTrail;
import io.kvlane.router.policy.AuditNote;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings lines of the audit log to whoever has it, one after the other on a thread of its own. What
 * cannot be delivered now is tried again; what the queue has no room for is lost, and counted. A
 * line whose delivery broke off may be there twice.
 */
final class AuditRelay implements AuditTrail, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditRelay.class);
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final int WAITING = 1_000;
  private static final long AGAIN_MILLIS = 1_000;

  /** How often one line is tried before it gives way to the others: an hour. */
  private static final int ATTEMPTS = 3_600;

  private final BlockingQueue<AuditNote> waiting = new ArrayBlockingQueue<>(WAITING);
  private final Way way;
  private final Counter lost;
  private final Thread thread;

  /** Where lines go. */
  @FunctionalInterface
  interface Way {
    /** Returns when the line is there, or somebody else's task; fails if it has to come again. */
    void deliver(AuditNote note) throws Exception;
  }

  AuditRelay(Way way, MeterRegistry registry) {
    this.way = way;
    this.lost =
        Counter.builder("kvlane.audit.lost")
            .description("Lines of the audit log that could not be delivered")
            .register(registry);
    thread = Thread.ofPlatform().name("audit").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public boolean take(AuditNote note) {
    boolean taken = waiting.offer(note);
    if (!taken) {
      lost.increment();
    }
    return taken;
  }

  /**
   * Takes a line that another region's router tells.
   *
   * @param region that its certificate names
   */
  boolean take(String region, Buffer text) {
    try {
      AuditNote note = JSON.readValue(text.getBytes(), AuditNote.class);
      return note != null && note.router().startsWith(region + '/') && take(note);
    } catch (JsonProcessingException e) {
      log.warn("A line of the audit log from {} cannot be read", region);
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes what the region's other routers have put there, as far as there is room. */
  void collect(Queue<String> region) {
    while (waiting.remainingCapacity() > 0) {
      String text = region.poll();
      if (text == null) {
        return;
      }
      try {
        take(JSON.readValue(text, AuditNote.class));
      } catch (JsonProcessingException e) {
        log.warn("A line of the audit log from this region cannot be read");
        lost.increment();
      }
    }
  }

  /** A line as it travels. */
  static String text(AuditNote note) {
    try {
      return JSON.writeValueAsString(note);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run() {
    try {
      while (true) {
        deliver(waiting.take());
      }
    } catch (InterruptedException e) {
      if (!waiting.isEmpty()) {
        log.warn("{} lines of the audit log are lost", waiting.size());
      }
    }
  }

  private void deliver(AuditNote note) throws InterruptedException {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        way.deliver(note);
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (attempt == 1) {
          log.warn("A line of the audit log cannot be delivered yet: {}", e.toString());
        }
        TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
      }
    }
    lost.increment();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
