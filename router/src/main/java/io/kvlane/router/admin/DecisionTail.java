package io.kvlane.router.admin;

import io.kvlane.router.admin.EventStreams.Event;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is decided as it ends, for one reader: {@code decision} with an entry, {@code missed} with
 * how many made room before they could be told, {@code silent} with routers that did not answer.
 * Used on its event loop only.
 */
final class DecisionTail implements EventStreams.Source {
  private static final int MOST_A_TIME = 200;

  private final Evidence evidence;
  private final Query query;
  private final Context context;
  private Map<String, Long> after = new HashMap<>();
  private List<String> silent = List.of();

  DecisionTail(Vertx vertx, Evidence evidence, Query query) {
    this.evidence = evidence;
    this.query = query;
    this.context = vertx.getOrCreateContext();
  }

  @Override
  public Future<List<Event>> next() {
    return Future.fromCompletionStage(evidence.tail(query, after, MOST_A_TIME), context)
        .map(this::events);
  }

  private List<Event> events(Evidence.Tail found) {
    after = found.after();
    List<Event> events = new ArrayList<>();
    if (found.missed() > 0) {
      events.add(new Event("missed", Map.of("requests", found.missed())));
    }
    if (!found.silent().equals(silent)) {
      silent = found.silent();
      events.add(new Event("silent", Map.of("routers", silent)));
    }
    found.entries().forEach(entry -> events.add(new Event("decision", entry)));
    return events;
  }
}
