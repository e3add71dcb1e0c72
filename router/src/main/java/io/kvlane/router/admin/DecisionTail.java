package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams what is decided as it ends, as server-sent events: {@code decision} with an entry, {@code
 * missed} with how many made room before they could be told, {@code silent} with routers that did
 * not answer, {@code dropped} when the reader was too slow, {@code end} when it is to connect anew,
 * which browsers do by themselves. Safe for any thread.
 */
final class DecisionTail {
  private static final Logger log = LoggerFactory.getLogger(DecisionTail.class);
  private static final int MOST = 16;
  private static final int MOST_A_TIME = 200;
  private static final long EVERY_MILLIS = 250;

  /** Whose key has ended meanwhile is found out then. */
  private static final long LONGEST_MILLIS = 600_000;

  private static final long SLOW_MILLIS = 5_000;
  private static final long COMMENT_MILLIS = 10_000;

  private final Vertx vertx;
  private final Evidence evidence;
  private final AtomicInteger open = new AtomicInteger();

  DecisionTail(Vertx vertx, Evidence evidence) {
    this.vertx = vertx;
    this.evidence = evidence;
  }

  /** Begins one. */
  ApiAnswer begin(Query query) {
    if (open.get() >= MOST) {
      throw ApiProblem.of(503, "busy", "There are already " + MOST + " tails on this router.");
    }
    return ApiAnswer.events(response -> new Tail(query, response).start());
  }

  /** One reader. Used on its event loop only. */
  private final class Tail {
    private final Query query;
    private final HttpServerResponse response;
    private final Context context = vertx.getOrCreateContext();
    private Map<String, Long> after = new HashMap<>();
    private List<String> silent = List.of();
    private long waitedMillis;
    private long quietMillis;
    private long millis;
    private boolean asking;
    private boolean over;
    private long timer;

    Tail(Query query, HttpServerResponse response) {
      this.query = query;
      this.response = response;
    }

    void start() {
      open.incrementAndGet();
      response.closeHandler(closed -> stop());
      response.exceptionHandler(broken -> stop());
      response.write(": decisions as they end\n\n");
      timer = vertx.setPeriodic(1, EVERY_MILLIS, tick -> look());
    }

    private void stop() {
      if (!over) {
        over = true;
        vertx.cancelTimer(timer);
        open.decrementAndGet();
      }
    }

    private void look() {
      millis += EVERY_MILLIS;
      if (response.writeQueueFull()) {
        waitedMillis += EVERY_MILLIS;
        if (waitedMillis >= SLOW_MILLIS) {
          end("dropped", Map.of("reason", "The reader is too slow."));
        }
      } else if (millis >= LONGEST_MILLIS) {
        end("end", Map.of("reason", "Connect anew."));
      } else if (!asking) {
        waitedMillis = 0;
        asking = true;
        Future.fromCompletionStage(evidence.tail(query, after, MOST_A_TIME), context)
            .onComplete(
                found -> {
                  asking = false;
                  if (found.failed()) {
                    log.warn("The tail of decisions found nothing", found.cause());
                  } else if (!over) {
                    tell(found.result());
                  }
                });
      }
    }

    private void tell(Evidence.Tail found) {
      after = found.after();
      if (found.missed() > 0) {
        event("missed", Map.of("requests", found.missed()));
      }
      if (!found.silent().equals(silent)) {
        silent = found.silent();
        event("silent", Map.of("routers", silent));
      }
      for (JsonNode entry : found.entries()) {
        event("decision", entry);
      }
      quietMillis += EVERY_MILLIS;
      if (quietMillis >= COMMENT_MILLIS) {
        quietMillis = 0;
        response.write(": still here\n\n");
      }
    }

    private void event(String name, Object data) {
      quietMillis = 0;
      response.write("event: " + name + "\ndata: " + Json.text(data) + "\n\n");
    }

    private void end(String name, Object data) {
      event(name, data);
      stop();
      response.end();
    }
  }
}
