package io.kvlane.router.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events that are looked for now and then. Beside a source's own, readers are told
 * {@code dropped} when they were too slow, and {@code end} when they are to connect anew, which
 * browsers do by themselves. Safe for any thread.
 */
final class EventStreams {
  private static final Logger log = LoggerFactory.getLogger(EventStreams.class);
  private static final int MOST = 16;

  /** Whose key has ended meanwhile is found out then. */
  private static final long LONGEST_MILLIS = 600_000;

  private static final long SLOW_MILLIS = 5_000;
  private static final long COMMENT_MILLIS = 10_000;

  private final Vertx vertx;
  private final String what;
  private final long everyMillis;
  private final AtomicInteger open = new AtomicInteger();

  /** What a reader is told. */
  record Event(String name, Object data) {}

  /** Where one reader's events come from. Used on its event loop only. */
  interface Source {
    /** What there is since the last time; not asked again before it is complete. */
    Future<List<Event>> next();
  }

  /**
   * @param what is told, in a few words
   * @param everyMillis how often it is looked for
   */
  EventStreams(Vertx vertx, String what, long everyMillis) {
    this.vertx = vertx;
    this.what = what;
    this.everyMillis = everyMillis;
  }

  /** Begins one. */
  ApiAnswer begin(Source source) {
    if (open.get() >= MOST) {
      throw ApiProblem.of(
          503, "busy", "There are already " + MOST + " readers of " + what + " on this router.");
    }
    return ApiAnswer.events(response -> new Reader(source, response).start());
  }

  /** One reader. Used on its event loop only. */
  private final class Reader {
    private final Source source;
    private final HttpServerResponse response;
    private long waitedMillis;
    private long quietMillis;
    private long millis;
    private boolean asking;
    private boolean over;
    private long timer;

    Reader(Source source, HttpServerResponse response) {
      this.source = source;
      this.response = response;
    }

    void start() {
      open.incrementAndGet();
      response.closeHandler(closed -> stop());
      response.exceptionHandler(broken -> stop());
      response.write(": " + what + "\n\n");
      timer = vertx.setPeriodic(1, everyMillis, tick -> look());
    }

    private void stop() {
      if (!over) {
        over = true;
        vertx.cancelTimer(timer);
        open.decrementAndGet();
      }
    }

    private void look() {
      millis += everyMillis;
      if (response.writeQueueFull()) {
        waitedMillis += everyMillis;
        if (waitedMillis >= SLOW_MILLIS) {
          end("dropped", Map.of("reason", "The reader is too slow."));
        }
      } else if (millis >= LONGEST_MILLIS) {
        end("end", Map.of("reason", "Connect anew."));
      } else if (!asking) {
        waitedMillis = 0;
        asking = true;
        source
            .next()
            .onComplete(
                found -> {
                  asking = false;
                  if (found.failed()) {
                    log.warn("No {} were found", what, found.cause());
                  } else if (!over) {
                    tell(found.result());
                  }
                });
      }
    }

    private void tell(List<Event> events) {
      for (Event event : events) {
        write(event);
      }
      quietMillis += everyMillis;
      if (quietMillis >= COMMENT_MILLIS) {
        quietMillis = 0;
        response.write(": still here\n\n");
      }
    }

    private void write(Event event) {
      quietMillis = 0;
      response.write("event: " + event.name() + "\ndata: " + Json.text(event.data()) + "\n\n");
    }

    private void end(String name, Object data) {
      write(new Event(name, data));
      stop();
      response.end();
    }
  }
}
