package io.kvlane.router.api;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what is written in one turn of an event loop go out once, at the turn's end: chunks that an
 * engine sent together cost one write instead of one each.
 */
final class FlushQueue {
  private static final Logger log = LoggerFactory.getLogger(FlushQueue.class);

  private final Context context;
  private List<ClientAnswer> dirty = new ArrayList<>();
  private List<ClientAnswer> spare = new ArrayList<>();

  FlushQueue(Context context) {
    this.context = context;
  }

  void add(ClientAnswer answer) {
    if (dirty.isEmpty()) {
      context.runOnContext(turn -> flush());
    }
    dirty.add(answer);
  }

  private void flush() {
    List<ClientAnswer> now = dirty;
    dirty = spare;
    for (ClientAnswer answer : now) {
      try {
        answer.flush();
      } catch (RuntimeException e) {
        log.error("An answer could not be written", e);
        answer.cut(); // the others of this turn are still to be written
      }
    }
    now.clear();
    spare = now;
  }
}
